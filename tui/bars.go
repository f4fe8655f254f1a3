package tui

import (
	"strconv"
	"strings"
	"time"
)

var eighths = [...]string{" ", "▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"}

// level is the sign of a height from 0 to most; anything above 0 can be seen.
func level(n, most int) string {
	if n <= 0 || most <= 0 {
		return " "
	}
	return eighths[max(1, min(8, (n*8+most/2)/most))]
}

// part scales n of most to a width, so that only all of it fills the width, and anything above 0 can be seen.
func part(n, most uint64, width int) int {
	if most == 0 || n == 0 {
		return 0
	}
	if n >= most {
		return width
	}
	return min(max(int(n*uint64(width)/most), 1), width-1)
}

func times(sign string, n int) string { return strings.Repeat(sign, max(n, 0)) }

func count[T ~int | ~int32 | ~uint64](n T) string { return strconv.FormatInt(int64(n), 10) }

// seconds writes an instant of the run: "421.5 s".
func seconds(d time.Duration) string { return decimal(d.Seconds(), 1) + " s" }

// took writes how long something took: "12 ms", "1.5 s".
func took(d time.Duration) string {
	switch {
	case d >= time.Minute:
		return d.Round(time.Second).String()
	case d >= time.Second:
		return decimal(d.Seconds(), 1) + " s"
	case d >= 10*time.Millisecond:
		return decimal(float64(d.Milliseconds()), 0) + " ms"
	}
	return decimal(float64(d.Microseconds())/1000, 1) + " ms"
}

func decimal(f float64, digits int) string { return strconv.FormatFloat(f, 'f', digits, 64) }

// exact writes an instant of the run to the millisecond, without zeros at the end: "61.023 s".
func exact(d time.Duration) string {
	return strconv.FormatFloat(d.Round(time.Millisecond).Seconds(), 'f', -1, 64) + " s"
}
