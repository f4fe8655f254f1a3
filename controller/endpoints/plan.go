package endpoints

import (
	"cmp"
	"maps"
	"slices"

	corev1 "k8s.io/api/core/v1"
	discoveryv1 "k8s.io/api/discovery/v1"

	"statefulsim/controller/store"
)

// plan is what a Service's slices are to become. It takes up a slice when a pod in it changed, and all of them only when
// endpoints have to be spread over slices: a pod that becomes ready costs its own slice, however many there are.
type plan struct {
	svc    *corev1.Service
	cache  *store.View
	drafts []*draft          // the slices that were taken up, then those to be created
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

func newPlan(svc *corev1.Service, cache *store.View) *plan {
	return &plan{svc: svc, cache: cache, adds: map[string][]add{}, landed: map[string]*draft{}}
}

func newDraft(slice *discoveryv1.EndpointSlice) *draft {
	return &draft{name: slice.Name, base: slice, ports: slice.Ports, key: portsKey(slice.Ports), endpoints: slice.Endpoints}
}

// takeAll takes up every slice of the Service, in the order of their names.
func (p *plan) takeAll() {
	taken := p.drafts
	p.drafts = nil
	for slice := range existing(p.svc, p.cache) {
		i := slices.IndexFunc(taken, func(d *draft) bool { return d.name == slice.Name })
		if i < 0 {
			p.drafts = append(p.drafts, newDraft(slice))
			continue
		}
		p.drafts = append(p.drafts, taken[i])
	}
}

// take returns the draft of one slice, or nil if there is no such slice of the Service.
func (p *plan) take(name string) *draft {
	for _, d := range p.drafts {
		if d.name == name {
			return d
		}
	}
	slice, ok := store.Get[*discoveryv1.EndpointSlice](p.cache, p.svc.Namespace, name)
	if !ok || !serves(slice, p.svc) {
		return nil
	}
	d := newDraft(slice)
	p.drafts = append(p.drafts, d)
	return d
}

// complete spreads what is left to be spread. Nothing is if each pod that changed has its endpoint where it was, and no slice
// became empty.
func (p *plan) complete(whole bool) {
	emptied := slices.ContainsFunc(p.drafts, func(d *draft) bool { return d.changed && len(d.endpoints) == 0 })
	if whole || emptied || len(p.adds) > 0 {
		p.takeAll()
		p.spread()
	}
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
	d := p.take(slice)
	if d == nil {
		return nil, -1
	}
	return d, slices.IndexFunc(d.endpoints, func(e discoveryv1.Endpoint) bool { return targetName(&e) == pod })
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
