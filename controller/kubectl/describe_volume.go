package kubectl

import (
	corev1 "k8s.io/api/core/v1"
)

// volumes describes those of a template.
// Source: k8s.io/kubectl pkg/describe/describe.go:describeVolumes and what it calls. Sources of volumes that nothing here
// simulates are not told apart.
func (p *page) volumes(volumes []corev1.Volume) {
	if len(volumes) == 0 {
		p.add(0, "  Volumes:\t<none>")
		return
	}
	p.add(0, "  Volumes:")
	for i := range volumes {
		p.add(1, " %s:", volumes[i].Name)
		p.volume(&volumes[i].VolumeSource)
	}
}

func (p *page) volume(v *corev1.VolumeSource) {
	switch {
	case v.HostPath != nil:
		kind := "<none>"
		if v.HostPath.Type != nil {
			kind = string(*v.HostPath.Type)
		}
		p.source("HostPath (bare host directory volume)", "Path", v.HostPath.Path, "HostPathType", kind)
	case v.EmptyDir != nil:
		limit := "<unset>"
		if l := v.EmptyDir.SizeLimit; l != nil && l.Sign() > 0 {
			limit = l.String()
		}
		p.source("EmptyDir (a temporary directory that shares a pod's lifetime)", "Medium", v.EmptyDir.Medium, "SizeLimit", limit)
	case v.Secret != nil:
		p.source("Secret (a volume populated by a Secret)", "SecretName", v.Secret.SecretName, "Optional", isTrue(v.Secret.Optional))
	case v.ConfigMap != nil:
		p.source("ConfigMap (a volume populated by a ConfigMap)", "Name", v.ConfigMap.Name, "Optional", isTrue(v.ConfigMap.Optional))
	case v.PersistentVolumeClaim != nil:
		claim := v.PersistentVolumeClaim
		p.source("PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)", "ClaimName", claim.ClaimName, "ReadOnly", claim.ReadOnly)
	case v.DownwardAPI != nil:
		p.downward(v.DownwardAPI)
	case v.Projected != nil:
		p.projected(v.Projected)
	default:
		p.add(1, "<unknown>")
	}
}

// source describes where a volume comes from, by names and values.
func (p *page) source(kind string, pairs ...any) {
	p.add(2, "Type:\t%s", kind)
	for i := 0; i < len(pairs); i += 2 {
		p.add(2, "%v:\t%v", pairs[i], pairs[i+1])
	}
}

func (p *page) downward(d *corev1.DownwardAPIVolumeSource) {
	p.source("DownwardAPI (a volume populated by information about the pod)")
	p.add(2, "Items:")
	for _, item := range d.Items {
		if item.FieldRef != nil {
			p.add(3, "%s -> %s", item.FieldRef.FieldPath, item.Path)
		}
		if item.ResourceFieldRef != nil {
			p.add(3, "%s -> %s", item.ResourceFieldRef.Resource, item.Path)
		}
	}
}

func (p *page) projected(projected *corev1.ProjectedVolumeSource) {
	p.source("Projected (a volume that contains injected data from multiple sources)")
	for _, s := range projected.Sources {
		switch {
		case s.Secret != nil:
			p.add(2, "SecretName:\t%s", s.Secret.Name)
			p.add(2, "Optional:\t%t", isTrue(s.Secret.Optional))
		case s.DownwardAPI != nil:
			p.add(2, "DownwardAPI:\ttrue")
		case s.ConfigMap != nil:
			p.add(2, "ConfigMapName:\t%s", s.ConfigMap.Name)
			p.add(2, "Optional:\t%t", isTrue(s.ConfigMap.Optional))
		case s.ServiceAccountToken != nil:
			p.add(2, "TokenExpirationSeconds:\t%d", *s.ServiceAccountToken.ExpirationSeconds)
		}
	}
}
