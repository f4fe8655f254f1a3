package tui

import "strings"

// fullName is the name of an object as things have it.
func fullName(namespace, name string) string {
	if namespace == "" || namespace == "default" {
		return name
	}
	return namespace + "/" + name
}

func withoutDefault(name string) string { return strings.TrimPrefix(name, "default/") }

func firstWord(s string) string {
	word, _, _ := strings.Cut(s, " ")
	return word
}
