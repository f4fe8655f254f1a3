package scenarios

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// Distribution says how long something takes: always the same, evenly between two bounds, or log-normally around a median.
// Its zero value is a constant of one nanosecond.
type Distribution struct {
	shape     shape
	low, high time.Duration // constant: both the same; uniform: the bounds; log-normal: median and 99th percentile
}

type shape uint8

const (
	constant shape = iota
	uniform
	logNormal
)

// Constant is always d.
func Constant(d time.Duration) Distribution { return Distribution{constant, d, d} }

// Uniform lies evenly between least and most, both of which can come.
func Uniform(least, most time.Duration) Distribution { return Distribution{uniform, least, most} }

// LogNormal has half of its values below median and all but one in a hundred below p99.
func LogNormal(median, p99 time.Duration) Distribution { return Distribution{logNormal, median, p99} }

// z99 is how many standard deviations the 99th percentile of a normal distribution lies above its middle.
const z99 = 2.3263478740408408

// Draw turns 64 evenly distributed bits into a duration of at least one nanosecond. The same bits give the same duration.
func (d Distribution) Draw(random uint64) time.Duration {
	switch d.shape {
	case uniform:
		above, _ := bits.Mul64(random, uint64(d.high-d.low)+1)
		return max(d.low+time.Duration(above), 1)
	case logNormal:
		return max(d.logNormal(random), 1)
	}
	return max(d.low, 1)
}

func (d Distribution) logNormal(random uint64) time.Duration {
	p := (float64(random>>11) + 0.5) / (1 << 53) // in (0, 1), never at its ends
	z := math.Sqrt2 * math.Erfinv(2*p-1)
	sigma := math.Log(float64(d.high)/float64(d.low)) / z99
	drawn := float64(d.low) * math.Exp(sigma*z)
	return time.Duration(min(drawn, float64(longestLatency)))
}

// String returns the distribution as a scenario file writes it: "3s", "{min: 2s, max: 6s}" or "{median: 3ms, p99: 20ms}".
func (d Distribution) String() string {
	switch d.shape {
	case uniform:
		return fmt.Sprintf("{min: %s, max: %s}", d.low, d.high)
	case logNormal:
		return fmt.Sprintf("{median: %s, p99: %s}", d.low, d.high)
	}
	return d.low.String()
}
