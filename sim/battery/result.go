package battery

import "slices"

// Verdicts on a run.
const (
	Yes    = "yes"       // all is well again by itself
	ByHand = "by hand"   // everybody is served and nothing is lost, and something stays stuck until somebody acts
	Lost   = "data lost" // acknowledged writes are missing
	No     = "no"        // somebody is not served, a command was refused, or an invariant is broken
)

// Result is what came of one run.
type Result struct {
	Drill   string `json:"drill"`
	Target  string `json:"target,omitempty"`
	Set     string `json:"set,omitempty"` // that was hit, if it was one
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"` // of a verdict other than Yes

	Services   []Service `json:"services"`
	Failovers  int       `json:"failovers"`
	Recovery   float64   `json:"recoverySeconds"` // of the slowest failover that ended
	Leaderless bool      `json:"leaderless"`      // a failover did not end
	Lost       int       `json:"lostWrites"`
	WellAfter  float64   `json:"wellAfterSeconds"` // from the end of the last fault until all was well; 0 if it never was

	Stuck    []Stuck    `json:"stuck"`
	Together []Together `json:"together,omitempty"`
}

// Service is how one Service fared.
type Service struct {
	Name        string  `json:"name"`
	Outage      float64 `json:"outageSeconds"` // the longest time for which its client had no success; 0 if it noticed nothing
	Down        bool    `json:"down"`          // and that goes on when the run ends
	NoEndpoints float64 `json:"noEndpointsSeconds"`
}

// Stuck is something that waits at the end of a run, or at the end of a command that gave up.
type Stuck struct {
	Object string   `json:"object"`
	State  string   `json:"state"`
	Until  string   `json:"until,omitempty"` // what ends it; "" if nothing does
	Rule   string   `json:"rule"`
	Source string   `json:"source"`
	Cure   []string `json:"cure"`
	Links  []string `json:"links"`
}

// Together are two pods of a set in one place.
type Together struct {
	Set   string `json:"set"`
	Pods  string `json:"pods"`
	Place string `json:"place"`
	Zone  bool   `json:"zone"` // the place is a zone
}

// Survived tells whether nobody was left without service, and nothing was lost.
func (r *Result) Survived() bool { return r.Verdict == Yes || r.Verdict == ByHand }

// down is the longest outage of any Service, and whether one goes on.
func (r *Result) down() (seconds float64, open bool) {
	for _, s := range r.Services {
		seconds, open = max(seconds, s.Outage), open || s.Down
	}
	return seconds, open
}

// rank orders verdicts, the worst last.
func rank(verdict string) int { return slices.Index([]string{Yes, ByHand, Lost, No}, verdict) }

// worse tells whether a run is worse than another of its drill.
func worse(a, b *Result) bool {
	if rank(a.Verdict) != rank(b.Verdict) {
		return rank(a.Verdict) > rank(b.Verdict)
	}
	down, _ := a.down()
	other, _ := b.down()
	return down > other
}
