package html

import (
	"fmt"
	"strings"
	"time"

	"statefulsim/scenarios/words"
	"statefulsim/sim/story"
)

// buckets is into how many parts the axis is divided for what became of requests.
const buckets = 180

// clientRow is what one client went through: bars that stand up for what succeeded and hang down for what did not.
type clientRow struct {
	Place              int // among the run's clients
	Name, About        string
	OK, Failed, Silent string     // paths in a box of buckets by 2: succeeded, failed, never answered
	Bars               [][5]int64 // of each bucket: succeeded, failed, unknown, lost, and the median time in microseconds; null for none
}

// clientRows divides the axis, which may be longer than the run.
func clientRows(s *story.Story, length time.Duration) []clientRow {
	var rows []clientRow
	for place, c := range s.Clients(0, length, buckets) {
		most := 1
		for _, b := range c.Buckets {
			most = max(most, b.OK, b.Failed+b.Unknown)
		}
		r := clientRow{Place: place, Name: words.Printable(c.Name), About: words.Printable(aboutClient(&c)), Bars: [][5]int64{}}
		var ok, failed, silent strings.Builder
		for i, b := range c.Buckets {
			bar(&ok, i, 1, -b.OK, most)
			bar(&failed, i, 1, b.Failed, most)
			bar(&silent, i, 1+height(b.Failed, most), b.Unknown, most)
			r.Bars = append(r.Bars, [5]int64{int64(b.OK), int64(b.Failed), int64(b.Unknown), int64(b.Lost), b.Median.Microseconds()})
		}
		r.OK, r.Failed, r.Silent = ok.String(), failed.String(), silent.String()
		rows = append(rows, r)
	}
	return rows
}

func aboutClient(c *story.Client) string {
	if c.Writes {
		return c.Name + " writes to " + c.Service
	}
	return c.Name + " reads from " + c.Service
}

// height is that of a bar, of which the highest is almost 1.
func height(n, most int) float64 { return 0.9 * float64(n) / float64(most) }

// bar adds one to a path. A negative number stands up.
func bar(path *strings.Builder, at int, from float64, n, most int) {
	if n != 0 {
		fmt.Fprintf(path, "M%d %.3gv%.3gh.86v%.3gz", at, from, height(n, most), -height(n, most))
	}
}

// Buckets is how many parts the row has.
func (clientRow) Buckets() int { return buckets }
