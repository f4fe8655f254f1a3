package words

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestThousands(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", -1000: "-1,000", -100: "-100", 1234567: "1,234,567"} {
		require.Equal(t, want, Thousands(n))
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 writes", 1: "1 write", 2: "2 writes", 1218: "1,218 writes"} {
		require.Equal(t, want, Count(n, "write"))
	}
}

func TestSeconds(t *testing.T) {
	for d, want := range map[time.Duration]string{0: "0 s", time.Minute: "60 s", 2096 * time.Millisecond: "2.096 s", 100 * time.Millisecond: "0.100 s"} {
		require.Equal(t, want, Seconds(d))
	}
	require.Equal(t, "60.000 s", Millis(time.Minute))
}
