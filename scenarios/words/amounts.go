package words

import (
	"strconv"
	"strings"
	"time"
)

// Seconds writes a duration in seconds: three decimals, or none if they are all zero.
func Seconds(d time.Duration) string {
	return strings.TrimSuffix(strconv.FormatFloat(d.Seconds(), 'f', 3, 64), ".000") + " s"
}

// Millis writes a duration in seconds, to the millisecond, so that several stand below one another: "61.200 s".
func Millis(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) + " s" }

// Count writes a number of things, whose plural has an s: "1,218 writes".
func Count(n int, of string) string {
	if n != 1 {
		of += "s"
	}
	return Thousands(n) + " " + of
}

// Thousands writes a number with a comma before every three digits.
func Thousands(n int) string {
	s := strconv.Itoa(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
