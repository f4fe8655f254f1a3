package chaosmesh

import (
	"strings"

	"statefulsim/scenarios"
)

// The error numbers of Linux.
const (
	noSpace  = 28 // ENOSPC
	readOnly = 30 // EROFS
)

// writing are the calls to a file system that change it. Source: IoMethod.
var writing = []string{"write", "create", "mkdir", "mknod", "symlink", "link", "rename", "unlink", "rmdir", "setattr"}

// growing are those of them that need room.
var growing = []string{"write", "create", "mkdir", "mknod", "symlink"}

func (x *export) disk(p *placed, a scenarios.Disk) (all []experiment) {
	what := x.diskFault(p, a)
	if what == nil {
		return nil
	}
	for _, s := range x.pods(p, a.Target) {
		container := x.container(s, "")
		path := mountPath(s, container)
		if path == "" {
			x.gap(p, "where the volume of "+quotedTarget(a.Target)+" is mounted is not known", "write the experiment with its volumePath")
			continue
		}
		spec := append(append(object{}, what...), s.fields()...)
		spec = append(spec, field{"volumePath", path}, field{"path", path + "/**/*"})
		all = append(all, experiment{kind: "IOChaos", spec: withContainer(spec, container)})
	}
	return all
}

// diskFault is what an IOChaos does; nil if it cannot be said, which is then noted.
func (x *export) diskFault(p *placed, a scenarios.Disk) object {
	switch a.Fault {
	case "full":
		return object{{"action", "fault"}, {"errno", noSpace}, {"methods", texts(growing...)}}
	case "readOnly":
		return object{{"action", "fault"}, {"errno", readOnly}, {"methods", texts(writing...)}}
	case "slow":
		return object{{"action", "latency"}, {"delay", length(a.By)}}
	case "corrupt":
		x.partly(p, "what is read is wrong at once and while it lasts, and nothing on the disk is", "")
		mistake := object{{"filling", "random"}, {"maxOccurrences", 1}, {"maxLength", 10}}
		return object{{"action", "mistake"}, {"mistake", mistake}, {"methods", texts("read")}}
	case "lyingFsync":
		x.gap(p, "IOChaos can fail or slow an fsync, and cannot have it lie", "cut the machine's power, with a disk whose cache is not safe")
	default:
		x.gap(p, "a volume that is gone is no fault of input and output", "delete it at the storage system while its pod runs")
	}
	return nil
}

// mountPath is where a container has the volume of the first claim; "" if it is not known.
func mountPath(s selector, container string) string {
	if s.set == nil || len(s.set.Spec.VolumeClaimTemplates) == 0 {
		return ""
	}
	for _, c := range s.set.Spec.Template.Spec.Containers {
		for _, mount := range c.VolumeMounts {
			if c.Name == container && mount.Name == s.set.Spec.VolumeClaimTemplates[0].Name {
				return mount.MountPath
			}
		}
	}
	return ""
}

// dns is an experiment on the answers to pods. It needs the DNS server of Chaos Mesh.
func (x *export) dns(p *placed, a scenarios.FailDNS) (experiments []experiment) {
	if star := strings.IndexByte(a.Names, '*'); star >= 0 && star < len(a.Names)-1 {
		x.gap(p, "a pattern of DNSChaos has its * at the end, and "+a.Names+" does not", "let the names begin in the same way")
		return nil
	}
	if a.Answer != "error" {
		x.partly(p, "DNSChaos answers with an error, or with an address that is wrong, and not with "+a.Answer, "")
	}
	sources := all(x.namespaces(), nil)
	if a.From.Kind != "" {
		sources = x.pods(p, a.From)
	}
	for _, s := range sources {
		spec := append(object{{"action", "error"}}, s.fields()...)
		if a.Names != "*" {
			spec = append(spec, field{"patterns", texts(a.Names)})
		}
		experiments = append(experiments, experiment{kind: "DNSChaos", spec: spec})
	}
	return experiments
}
