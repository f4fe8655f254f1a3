package endpoints

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"
)

// plan is what a Service's slices are to become. The slices stay as they are where nothing changes.
type plan struct {
	svc    *corev1.Service
	drafts []*draft          // one for each slice there is, then those to be created
	adds   map[string][]add  // endpoints that still need a slice, by the key of their ports
	landed map[string]*draft // where the pods' endpoints ended up
}

// draft is one slice as it is to be.
type draft struct {
	name      string
	base      *discoveryv1.EndpointSlice // as it is; nil for one to be created
	ports     []discoveryv1.EndpointPort
	key       string // of the ports
	endpoints []discoveryv1.Endpoint
	changed   bool // the endpoints differ from base's, and are the draft's own
	dropped   bool // base is to be deleted
}

// add is an endpoint that needs a slice.
type add struct {
	endpoint discoveryv1.Endpoint
	ports    []discoveryv1.EndpointPort
}

func newPlan(svc *corev1.Service, existing []*discoveryv1.EndpointSlice) *plan {
	p := &plan{svc: svc, adds: map[string][]add{}, landed: map[string]*draft{}}
	for _, slice := range existing {
		p.drafts = append(p.drafts, &draft{
			name: slice.Name, base: slice, ports: slice.Ports, key: portsKey(slice.Ports), endpoints: slice.Endpoints,
		})
	}
	return p
}

// own makes the draft's endpoints its own before they are changed: the slice in the cache is shared.
func (d *draft) own() {
	if !d.changed {
		d.changed = true
		d.endpoints = slices.Clone(d.endpoints)
	}
}

// find returns the draft and the index of a pod's endpoint in a slice; -1 if it is not there.
func (p *plan) find(pod, slice string) (*draft, int) {
	if slice == "" {
		return nil, -1
	}
	for _, d := range p.drafts {
		if d.name == slice {
			return d, slices.IndexFunc(d.endpoints, func(e discoveryv1.Endpoint) bool { return targetName(&e) == pod })
		}
	}
	return nil, -1
}

// remove takes a pod's endpoint out of the slice that it is in.
func (p *plan) remove(pod, slice string) {
	if d, at := p.find(pod, slice); at >= 0 {
		d.own()
		d.endpoints = slices.Delete(d.endpoints, at, at+1)
	}
}

// put brings an endpoint that is in a slice up to date, or notes that it needs one: because it is in none, or because it
// became another endpoint or moved to other ports.
func (p *plan) put(endpoint discoveryv1.Endpoint, ports []discoveryv1.EndpointPort, slice string) {
	pod, key := targetName(&endpoint), portsKey(ports)
	d, at := p.find(pod, slice)
	if at >= 0 && d.key == key && sameIdentity(&d.endpoints[at], &endpoint) {
		if !sameEndpoint(&d.endpoints[at], &endpoint) {
			d.own()
			d.endpoints[at] = endpoint
		}
		p.landed[pod] = d
		return
	}
	p.remove(pod, slice)
	p.adds[key] = append(p.adds[key], add{endpoint: endpoint, ports: ports})
}

// spread finds slices for the endpoints that need one, ports by ports
// (endpointslice reconciler.go:reconcileByPortMapping): first those slices that change anyway, the fullest first; then, if
// all that is left fits into one slice, the unchanged one that this fills most; then new ones.
func (p *plan) spread() {
	for _, key := range slices.Sorted(maps.Keys(p.adds)) {
		left := p.adds[key]
		for _, d := range p.changing(key) {
			left = p.fill(d, left)
		}
		for len(left) > 0 {
			d := p.toFill(key, len(left))
			if d == nil {
				d = &draft{ports: left[0].ports, key: key}
				p.drafts = append(p.drafts, d)
			}
			left = p.fill(d, left)
		}
	}
	p.reuse()
}

// changing returns the drafts of those ports that change and keep endpoints, the fullest first.
func (p *plan) changing(key string) []*draft {
	var found []*draft
	for _, d := range p.drafts {
		if d.changed && d.key == key && len(d.endpoints) > 0 {
			found = append(found, d)
		}
	}
	slices.SortStableFunc(found, func(a, b *draft) int { return cmp.Compare(len(b.endpoints), len(a.endpoints)) })
	return found
}

// toFill returns the unchanged draft of those ports that n more endpoints fill most without overflowing
// (endpointslice utils.go:getSliceToFill), or nil.
func (p *plan) toFill(key string, n int) *draft {
	var best *draft
	for _, d := range p.drafts {
		if d.changed || d.key != key || len(d.endpoints)+n > maxEndpoints || n == maxEndpoints {
			continue
		}
		if best == nil || len(d.endpoints) > len(best.endpoints) {
			best = d
		}
	}
	return best
}

// fill puts endpoints into a draft until it is full and returns those that are left.
func (p *plan) fill(d *draft, adds []add) (left []add) {
	n := min(len(adds), maxEndpoints-len(d.endpoints))
	if n == 0 {
		return adds
	}
	d.own()
	for _, a := range adds[:n] {
		d.endpoints = append(d.endpoints, a.endpoint)
		p.landed[targetName(&a.endpoint)] = d
	}
	slices.SortFunc(d.endpoints, compareEndpoints)
	return adds[n:]
}

// reuse gives drafts to be created the names of slices that became empty, so that these are updated rather than deleted
// (endpointslice reconciler.go:finalize). A Service without endpoints keeps one empty slice without ports, the placeholder.
func (p *plan) reuse() {
	var filled, empty []*draft
	for _, d := range p.drafts {
		if len(d.endpoints) > 0 {
			filled = append(filled, d)
		} else {
			empty = append(empty, d)
		}
	}
	if len(filled) == 0 {
		filled = append(filled, &draft{changed: true})
	}
	for _, d := range filled {
		if d.base == nil && len(empty) > 0 {
			d.name, d.base = empty[0].name, empty[0].base
			empty = empty[1:]
			d.changed = d.changed && !(len(d.endpoints) == 0 && len(d.base.Endpoints) == 0 && len(d.base.Ports) == 0)
		}
	}
	for _, d := range empty {
		d.dropped = true
	}
	p.drafts = append(filled, empty...)
}
