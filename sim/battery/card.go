package battery

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Card is what the drills came to.
type Card struct {
	Seed    uint64   `json:"seed"`
	Assumed []string `json:"assumed"` // what the manifests do not say
	Results []Result `json:"results"` // of each run
	Advice  []Advice `json:"advice"`  // what to change
	Passed  bool     `json:"passed"`  // all was survived, and nothing must be changed
	Verdict string   `json:"verdict"` // in one line
}

// Card makes the card of the results, which are those of all runs in their order.
func (b *Battery) Card(results []Result) *Card {
	all := append([]Result{b.baseline}, results...)
	c := &Card{Seed: b.seed, Assumed: b.stage.assumed, Results: all, Advice: b.advice(all)}
	c.judge()
	return c
}

// judge decides whether all is well, and says so in one line.
func (c *Card) judge() {
	survived, byHand := 0, 0
	for i := range c.Results {
		if c.Results[i].Survived() {
			survived++
		}
		if c.Results[i].Verdict == ByHand {
			byHand++
		}
	}
	count := map[string]int{}
	for _, a := range c.Advice {
		count[a.Severity]++
	}
	c.Passed = survived == len(c.Results) && count[Must] == 0
	word, extra := "FAIL", ""
	if c.Passed {
		word = "PASS"
	}
	switch {
	case !c.Results[0].Survived():
		extra = " (the sets do not start, so no drill was run)"
	case byHand > 0:
		extra = fmt.Sprintf(", %d of them only with a hand to help", byHand)
	}
	c.Verdict = fmt.Sprintf("%s  %d of %d runs survived%s; to change: %d must, %d should, %d could", word, survived, len(c.Results), extra, count[Must], count[Should], count[Could])
}

// JSON writes the card as one document. The error is that of w.
func (c *Card) JSON(w io.Writer) error {
	out := json.NewEncoder(w)
	out.SetEscapeHTML(false)
	out.SetIndent("", "  ")
	return out.Encode(c)
}

// row is what the card tells of all runs of one drill.
type row struct {
	drill    *Drill
	runs     []*Result
	worst    *Result
	survived string
}

// rows gathers the results by drill.
func (c *Card) rows() (all []row) {
	for _, d := range slices.Insert(slices.Clone(drills), 0, starting) {
		r := row{drill: &d}
		for i := range c.Results {
			if is := &c.Results[i]; is.Drill == d.ID {
				r.runs = append(r.runs, is)
				if r.worst == nil || worse(is, r.worst) {
					r.worst = is
				}
			}
		}
		if r.worst != nil {
			r.survived = r.tally()
			all = append(all, r)
		}
	}
	return all
}

// tally is the worst verdict, and for how many of the runs it is so if not for all.
func (r *row) tally() string {
	n := 0
	for _, run := range r.runs {
		if run.Verdict == r.worst.Verdict {
			n++
		}
	}
	if n == len(r.runs) {
		return r.worst.Verdict
	}
	return fmt.Sprintf("%s %d/%d", r.worst.Verdict, n, len(r.runs))
}

// down is the longest outage of all runs.
func (r *row) down() string {
	longest, open := 0.0, false
	for _, run := range r.runs {
		seconds, goesOn := run.down()
		longest, open = max(longest, seconds), open || goesOn
	}
	switch {
	case open:
		return "for ever"
	case longest == 0:
		return "-"
	}
	return inWords(longest)
}

// recovery is the slowest failover of all runs.
func (r *row) recovery() string {
	slowest, none, open := 0.0, true, false
	for _, run := range r.runs {
		slowest, none, open = max(slowest, run.Recovery), none && run.Failovers == 0, open || run.Leaderless && !run.Survived()
	}
	switch {
	case open:
		return "never"
	case none:
		return "-"
	}
	return inWords(slowest)
}

func (r *row) lost() string {
	most := 0
	for _, run := range r.runs {
		most = max(most, run.Lost)
	}
	if most == 0 {
		return "-"
	}
	return fmt.Sprint(most)
}

// stuck names what is stuck in the worst run, each once.
func (r *row) stuck() string {
	var names []string
	for _, s := range r.worst.Stuck {
		names = append(names, s.Object+" "+s.State)
	}
	if names == nil {
		return "-"
	}
	return strings.Join(names, "; ")
}

// atWorst is the longest of some times, and the drill in which it was.
type atWorst struct {
	seconds float64
	drill   string
}

func (w *atWorst) take(seconds float64, drill string) {
	if seconds > w.seconds {
		*w = atWorst{seconds, drill}
	}
}

func (w atWorst) String() string {
	if w.seconds == 0 {
		return "-"
	}
	return inWords(w.seconds) + " (" + w.drill + ")"
}

type worstOfService struct {
	name              string
	outage, endpoints atWorst
}

func (c *Card) worstOfServices() []worstOfService {
	all := make([]worstOfService, len(c.Results[0].Services))
	for _, r := range c.Results {
		for i, s := range r.Services {
			all[i].name = s.Name
			all[i].outage.take(s.Outage, r.Drill)
			all[i].endpoints.take(s.NoEndpoints, r.Drill)
		}
	}
	return all
}

// inWords writes seconds as people say them.
func inWords(seconds float64) string {
	if seconds < 120 {
		return fmt.Sprintf("%.1f s", seconds)
	}
	return fmt.Sprintf("%d min %02d s", int(seconds)/60, int(seconds)%60)
}
