package statefulset

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// appendOrdered appends one JSON value without white space, with the keys of every object in order: what is left of it when
// it is decoded into maps and encoded again, and a fraction of the work.
func appendOrdered(dst, value []byte) []byte {
	var room [12][]byte // Few objects have more members, and so this takes no memory of its own.
	switch value[0] {
	case '{':
		members := split(value, room[:0])
		slices.SortFunc(members, func(a, b []byte) int { return bytes.Compare(keyOf(a), keyOf(b)) })
		return appendMembers(append(dst, '{'), members)
	case '[':
		dst = append(dst, '[')
		for i, element := range split(value, room[:0]) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = appendOrdered(dst, element)
		}
		return append(dst, ']')
	case '"', 't', 'f', 'n':
		return append(dst, value...)
	}
	return appendNumber(dst, value)
}

// appendMembers appends members of an object and closes it.
func appendMembers(dst []byte, members [][]byte) []byte {
	for i, member := range members {
		if i > 0 {
			dst = append(dst, ',')
		}
		key := len(keyOf(member)) + len(`"":`)
		dst = append(dst, member[:key]...)
		dst = appendOrdered(dst, member[key:])
	}
	return append(dst, '}')
}

// appendNumber appends a number as it is after it has been a float64, which has 15 digits for sure.
func appendNumber(dst, number []byte) []byte {
	const sure = 15
	if len(number) <= sure {
		return append(dst, number...)
	}
	f, err := strconv.ParseFloat(string(number), 64)
	if err != nil {
		return append(dst, number...)
	}
	rounded, err := json.Marshal(f)
	if err != nil {
		return append(dst, number...)
	}
	return append(dst, rounded...)
}

// keyOf returns the key that a member of an object begins with, as it is written.
func keyOf(member []byte) []byte { return member[1 : stringEnd(member, 0)-1] }

// split appends what stands between the commas of an object or an array.
func split(value []byte, parts [][]byte) [][]byte {
	depth, start := 0, 1
	for i := 1; i < len(value); i++ {
		switch value[i] {
		case '"':
			i = stringEnd(value, i) - 1
		case '{', '[':
			depth++
		case ',':
			if depth == 0 {
				parts = append(parts, value[start:i])
				start = i + 1
			}
		case '}', ']':
			if depth--; depth < 0 && i > start {
				parts = append(parts, value[start:i])
			}
		}
	}
	return parts
}

// stringEnd returns where the string ends that begins at i, its closing quote included.
func stringEnd(value []byte, i int) int {
	for i++; value[i] != '"'; i++ {
		if value[i] == '\\' {
			i++
		}
	}
	return i + 1
}
