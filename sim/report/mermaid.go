package report

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"statefulsim/scenarios/words"
	"statefulsim/sim"
	"statefulsim/sim/story"
)

const (
	mostArrows = 40 // of a diagram that people take in
	mostTales  = 5  // of them, if there were more failovers
	mostText   = 90 // characters of a text in it
)

// Mermaid writes a sequence diagram in Mermaid's language: of each failover what led from the loss of the primary to the first write
// that succeeded again, or, if there was none, of what the first fault led to. The error is that of w.
func Mermaid(w io.Writer, rec *sim.Recording, c Context) error {
	s := story.Of(rec)
	d := &diagram{ids: map[string]string{}, pods: podsOfPeers(rec)}
	tales := talesOf(s)
	for i := range tales {
		d.tale(&tales[i])
	}
	if more := len(rec.Failovers) - len(tales); len(tales) > 0 && more > 0 {
		d.across("… and " + words.Count(more, "failover") + " more")
	}
	if len(tales) == 0 {
		d.note("scenario", "nothing was broken in this run")
	}
	return d.write(w, titleOf(rec)+", seed "+strconv.FormatUint(rec.Seed, 10), c.Reproduce)
}

func talesOf(s *story.Story) (tales []tale) {
	failovers := s.Rec.Failovers[:min(len(s.Rec.Failovers), mostTales)]
	for i := range failovers {
		tales = append(tales, taleOf(s, &failovers[i], mostArrows/len(failovers)))
	}
	if len(tales) == 0 {
		if fault := taleOfFault(s, mostArrows); fault != nil {
			tales = append(tales, *fault)
		}
	}
	return tales
}

// podsOfPeers names the pods of peers by the addresses that messages to them may have.
func podsOfPeers(rec *sim.Recording) map[string]string {
	pods := map[string]string{}
	for i := range rec.Events {
		if e := &rec.Events[i]; e.Kind == "Peer" && (e.Verb == "open" || e.Verb == "bootstrap") {
			pods[e.Detail] = e.Name
		}
	}
	return pods
}

// diagram is a sequence diagram. Participants stand in the order in which they first appear.
type diagram struct {
	pods         map[string]string // of peers, by their addresses
	ids          map[string]string // of participants, by their names
	participants []string
	lines        []string
}

// id declares a participant if it is new.
func (d *diagram) id(name string) string {
	if d.ids[name] == "" {
		d.participants = append(d.participants, name)
		d.ids[name] = "p" + strconv.Itoa(len(d.participants))
	}
	return d.ids[name]
}

func (d *diagram) arrow(from, sign, to, text string) {
	d.lines = append(d.lines, d.id(from)+sign+d.id(to)+": "+mermaidText(text))
}

func (d *diagram) note(over, text string) {
	d.lines = append(d.lines, "Note over "+d.id(over)+": "+mermaidText(text))
}

// across writes a note over all participants, those too that appear later.
func (d *diagram) across(text string) {
	d.lines = append(d.lines, "Note over "+everybody+": "+mermaidText(text))
}

// everybody stands for the first and the last participant until they are known.
const everybody = "\x00"

func (d *diagram) write(w io.Writer, title, reproduce string) error {
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, "%%%% reproduce: %s\nsequenceDiagram\n    title %s\n", mermaidComment(reproduce), mermaidText(title))
	for _, name := range d.participants {
		fmt.Fprintf(out, "    participant %s as %s\n", d.ids[name], mermaidText(name))
	}
	all := "p1"
	if last := len(d.participants); last > 1 {
		all += ",p" + strconv.Itoa(last)
	}
	for _, line := range d.lines {
		fmt.Fprintf(out, "    %s\n", strings.Replace(line, everybody, all, 1))
	}
	return out.Flush()
}

// tale draws what happened, and where a phase of a failover is over.
func (d *diagram) tale(t *tale) {
	if f := t.failover; f != nil {
		d.across("Failover of " + f.Set + " at " + words.Seconds(f.At))
	}
	for _, e := range t.events {
		d.event(e)
		if f := t.failover; f != nil {
			d.phases(f, e.Seq)
		}
	}
	if f := t.failover; f != nil && !f.Recovered {
		d.across("not recovered")
	}
}

// phases notes which phases an event ended.
func (d *diagram) phases(f *sim.Failover, seq int) {
	var over []string
	for _, phase := range f.Phases {
		if phase.Seq == seq {
			over = append(over, phase.Name+" "+words.Millis(phase.Took))
		}
	}
	if len(over) > 0 {
		d.across(strings.Join(over, ", "))
	}
}

// event draws an event: an arrow from who did it to whom it was done, or else a note.
func (d *diagram) event(e *sim.Event) {
	at := words.Millis(e.At) + " "
	actor := participant(e.Actor)
	switch e.Kind {
	case "Message":
		d.message(e, at)
		return
	case "Request":
		d.request(e, at)
		return
	case "Container":
		if pod, _, ok := strings.Cut(e.Name, "/"); ok && actor != pod {
			d.arrow(actor, "->>", pod, at+story.Sentence(e, sim.Headline))
			return
		}
	case "Machine", "Primary", "Peer", "Instance", "Step", "Expectation", "Invariant", "World", "Name", "Terminal":
		d.note(actor, at+story.Sentence(e, sim.Headline))
		return
	case "EndpointSlice":
		d.arrow(actor, "->>", "Services", at+e.Name+because(e.Detail))
		return
	}
	switch e.Verb {
	case "create", "update", "delete", "remove", "event":
		d.arrow(actor, "->>", "API server", at+story.Sentence(e, sim.Headline))
	default:
		d.note(actor, at+story.Sentence(e, sim.Headline))
	}
}

// message draws what went from peer to peer.
func (d *diagram) message(e *sim.Event, at string) {
	from, to, ok := strings.Cut(e.Name, "→")
	if pod := d.pods[to]; pod != "" {
		to = pod
	}
	sign := map[string]string{"answer": "-->>", "lose": "-x"}[e.Verb]
	switch {
	case !ok || from == "" || to == "":
		d.note(participant(e.Actor), at+story.Sentence(e, sim.Headline))
		return
	case sign == "":
		sign = "->>"
	}
	text := e.Reason + because(e.Detail)
	switch e.Verb {
	case "answer":
		text = "answer to " + text
	case "lose":
		text = e.Reason + " is lost" + because(e.Detail)
	}
	d.arrow(from, sign, to, at+text)
}

// request draws how an attempt of a client ended.
func (d *diagram) request(e *sim.Event, at string) {
	name := strings.TrimRight(e.Name, "0123456789")
	client := "client " + strings.TrimSuffix(name, "-")
	if e.Verb == "ack" {
		d.arrow(participant(e.Actor), "-->>", client, at+story.Sentence(e, sim.Headline))
		return
	}
	d.arrow(client, "-x", "Services", at+story.Sentence(e, sim.Headline))
}

// participant is who acts, as people name them: what runs in a pod is the pod.
func participant(actor string) string {
	kind, name, ok := strings.Cut(actor, "/")
	switch {
	case actor == "" || actor == "step":
		return "scenario"
	case !ok:
		return actor
	case kind == "raft" || kind == "agent" || kind == "database":
		return name
	}
	return kind + " " + name
}

// endWord is a word that ends blocks of a diagram, wherever it stands.
var endWord = regexp.MustCompile(`(?i)\bend\b`)

// mermaidText is text for a diagram. Everything that could be read as its language is written as the number of its character.
func mermaidText(s string) string {
	s = words.Printable(s)
	if utf8.RuneCountInString(s) > mostText {
		s = string([]rune(s)[:mostText-1]) + "…"
	}
	var b strings.Builder
	ends := endWord.FindAllStringIndex(s, -1)
	for i, r := range s {
		if len(ends) > 0 && ends[0][0] == i {
			ends = ends[1:]
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		if r < utf8.RuneSelf && !plainInMermaid(r) {
			fmt.Fprintf(&b, "#%d;", r)
			continue
		}
		b.WriteRune(r)
	}
	if b.Len() == 0 {
		return "-"
	}
	return b.String()
}

// plainInMermaid tells whether an ASCII character stands for itself wherever it is.
func plainInMermaid(r rune) bool {
	return r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || strings.ContainsRune(" .,()/=-_+'", r)
}

// mermaidComment is a command for a comment. There too Mermaid takes what begins with %%{ for an order; two quotes between mean nothing to
// a shell.
func mermaidComment(command string) string {
	return strings.ReplaceAll(words.Printable(command), "%%{", "%%''{")
}
