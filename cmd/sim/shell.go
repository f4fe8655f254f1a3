package main

import (
	"regexp"
	"strings"
)

var needsNoQuotes = regexp.MustCompile(`^[-A-Za-z0-9_./:=@%+,]+$`)

// quoted writes words as a shell reads them back.
func quoted(words []string) string {
	all := make([]string, len(words))
	for i, word := range words {
		if all[i] = word; !needsNoQuotes.MatchString(word) {
			all[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(all, " ")
}
