package store

import (
	"testing"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// told returns what is wrong with a defaulted object, a line an error.
func told(obj, old Object) []string {
	Default(obj)
	var lines []string
	for _, err := range Validate(obj, old) {
		lines = append(lines, err.Error())
	}
	return lines
}

// edited applies a change to an object and returns it.
func edited[T Object](obj T, change func(T)) T {
	change(obj)
	return obj
}

func TestRightObjectsAreValid(t *testing.T) {
	for _, obj := range []Object{newSet("web"), newPod("web-0"), newClaim("data"), newService("web")} {
		require.Empty(t, told(obj, nil))
	}
}

// requireTold compares messages; a last "*" stands for any.
func requireTold(t *testing.T, want, got []string) {
	t.Helper()
	if n := len(want) - 1; n >= 0 && want[n] == "*" {
		require.NotEmpty(t, got)
		return
	}
	require.Equal(t, want, got)
}

func TestMessagesOfPods(t *testing.T) {
	type pod = corev1.Pod
	container := func(change func(*corev1.Container)) func(*pod) { return func(p *pod) { change(&p.Spec.Containers[0]) } }
	for name, c := range map[string]struct {
		change func(*pod)
		want   []string
	}{
		"no containers": {func(p *pod) { p.Spec.Containers = nil }, []string{"spec.containers: Required value"}},
		"no image":      {container(func(c *corev1.Container) { c.Image = "" }), []string{"spec.containers[0].image: Required value"}},
		"padded image": {container(func(c *corev1.Container) { c.Image = "nginx:1 " }),
			[]string{`spec.containers[0].image: Invalid value: "nginx:1 ": must not have leading or trailing whitespace`}},
		"one name twice": {func(p *pod) { p.Spec.InitContainers = p.Spec.Containers },
			[]string{`spec.initContainers[0].name: Duplicate value: "web"`}},
		"port": {container(func(c *corev1.Container) { c.Ports = []corev1.ContainerPort{{ContainerPort: 70000}} }),
			[]string{"spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive"}},
		"probe": {container(func(c *corev1.Container) { c.LivenessProbe = &corev1.Probe{SuccessThreshold: 2} }),
			[]string{"spec.containers[0].livenessProbe: Required value: must specify a handler type",
				"spec.containers[0].livenessProbe.successThreshold: Invalid value: 2: must be 1"}},
		"two handlers": {container(func(c *corev1.Container) {
			c.ReadinessProbe = &corev1.Probe{ProbeHandler: corev1.ProbeHandler{
				Exec: &corev1.ExecAction{Command: []string{"true"}}, TCPSocket: &corev1.TCPSocketAction{Port: intstr.FromInt32(80)},
			}}
		}), []string{"spec.containers[0].readinessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type"}},
		"sleeping too long": {container(func(c *corev1.Container) {
			c.Lifecycle = &corev1.Lifecycle{PreStop: &corev1.LifecycleHandler{Sleep: &corev1.SleepAction{Seconds: 31}}}
		}), []string{"spec.containers[0].lifecycle.preStop.sleep: Invalid value: 31: must be non-negative and less than terminationGracePeriodSeconds (30)"}},
		"init probe": {func(p *pod) {
			p.Spec.InitContainers = []corev1.Container{{Name: "init", Image: "x:1", ReadinessProbe: &corev1.Probe{}}}
		}, []string{"spec.initContainers[0].readinessProbe: Forbidden: may not be set for init containers without restartPolicy=Always"}},
		"request above limit": {container(func(c *corev1.Container) {
			c.Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("1")}
			c.Resources.Requests = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("2")}
		}), []string{`spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1`}},
		"unknown resource": {container(func(c *corev1.Container) {
			c.Resources.Requests = corev1.ResourceList{"cores": resource.MustParse("2")}
		}), []string{`spec.containers[0].resources.requests[cores]: Invalid value: "cores": must be a standard resource type or fully qualified`,
			`spec.containers[0].resources.requests[cores]: Invalid value: "cores": must be a standard resource for containers`}},
		"mounted twice": {func(p *pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "tmp"}}
			p.Spec.Containers[0].VolumeMounts = []corev1.VolumeMount{{Name: "tmp", MountPath: "/tmp"}, {Name: "tmp", MountPath: "/tmp"}}
		}, []string{`spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/tmp": must be unique`}},
		"claim without a name": {func(p *pod) {
			p.Spec.Volumes = []corev1.Volume{{Name: "data", VolumeSource: corev1.VolumeSource{PersistentVolumeClaim: &corev1.PersistentVolumeClaimVolumeSource{}}}}
		}, []string{"spec.volumes[0].persistentVolumeClaim.claimName: Required value"}},
		"restart policy": {func(p *pod) { p.Spec.RestartPolicy = "Sometimes" },
			[]string{`spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"`}},
		"dns policy": {func(p *pod) { p.Spec.DNSPolicy = "Some" },
			[]string{`spec.dnsPolicy: Unsupported value: "Some": supported values: "ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"`}},
		"anti-affinity": {func(p *pod) {
			p.Spec.Affinity = &corev1.Affinity{PodAntiAffinity: &corev1.PodAntiAffinity{
				RequiredDuringSchedulingIgnoredDuringExecution: []corev1.PodAffinityTerm{{TopologyKey: "not a key"}},
			}}
		}, []string{"spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].topologyKey: Invalid value: \"not a key\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"}},
		"repeated spread": {func(p *pod) {
			constraint := corev1.TopologySpreadConstraint{MaxSkew: 1, TopologyKey: "zone", WhenUnsatisfiable: corev1.ScheduleAnyway}
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{constraint, constraint}
			p.Spec.TopologySpreadConstraints[1].MinDomains = new(int32(0))
			p.Spec.TopologySpreadConstraints[1].NodeTaintsPolicy = new(corev1.NodeInclusionPolicy("Shun"))
			p.Spec.TopologySpreadConstraints[1].MatchLabelKeys = []string{"app"}
		}, []string{`spec.topologySpreadConstraints[0].{topologyKey, whenUnsatisfiable}: Duplicate value: "{zone, ScheduleAnyway}"`,
			"spec.topologySpreadConstraints[1].minDomains: Invalid value: 0: must be greater than zero",
			"spec.topologySpreadConstraints[1].minDomains: Invalid value: 0: can only use minDomains if whenUnsatisfiable=DoNotSchedule, not ScheduleAnyway",
			`spec.topologySpreadConstraints[1].nodeTaintsPolicy: Unsupported value: "Shun": supported values: "Honor", "Ignore"`,
			"spec.topologySpreadConstraints[1].matchLabelKeys: Forbidden: must not be specified when labelSelector is not set"}},
		"spread without an action": {func(p *pod) {
			p.Spec.TopologySpreadConstraints = []corev1.TopologySpreadConstraint{{MaxSkew: 1, TopologyKey: "zone"}}
		}, []string{`spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: "": supported values: "DoNotSchedule", "ScheduleAnyway"`}},
		"finalizer": {func(p *pod) { p.Finalizers = []string{"orphan", "mine", "example.com/mine"} },
			[]string{`metadata.finalizers[1]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified`}},
		"comparing toleration": {func(p *pod) { p.Spec.Tolerations = []corev1.Toleration{{Key: "x", Operator: "Lt", Value: "5"}} },
			[]string{`spec.tolerations[0].operator: Unsupported value: "Lt": supported values: "Equal", "Exists", "Lt", "Gt"`}},
		"gate": {func(p *pod) { p.Spec.SchedulingGates = []corev1.PodSchedulingGate{{Name: "a"}, {Name: "a"}} },
			[]string{`spec.schedulingGates[1]: Duplicate value: "a"`}},
		"toleration": {func(p *pod) { p.Spec.Tolerations = []corev1.Toleration{{TolerationSeconds: new(int64(1))}} },
			[]string{"spec.tolerations[0].operator: Invalid value: \"\": operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
				"spec.tolerations[0].effect: Invalid value: \"\": effect must be 'NoExecute' when `tolerationSeconds` is set"}},
		"no namespace": {func(p *pod) { p.Namespace = "" }, []string{"metadata.namespace: Required value"}},
		"label":        {func(p *pod) { p.Labels = map[string]string{"app": "\x1b[31m"} }, []string{"*"}},
	} {
		t.Run(name, func(t *testing.T) { requireTold(t, c.want, told(edited(newPod("web-0"), c.change), nil)) })
	}
}

func TestMessagesOfPodUpdates(t *testing.T) {
	type pod = corev1.Pod
	old := newPod("web-0")
	Default(old)
	old.ResourceVersion = "1"
	addTolerations(old)
	bound := edited(old.DeepCopy(), func(p *pod) { p.Spec.NodeName = "a" })
	other := "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`," +
		"`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations)," +
		"`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)"
	for name, c := range map[string]struct {
		old    *pod
		change func(*pod)
		want   []string
	}{
		"image":          {old, func(p *pod) { p.Spec.Containers[0].Image = "nginx:1.28" }, nil},
		"binding":        {old, func(p *pod) { p.Spec.NodeName = "a" }, []string{"spec: Forbidden: " + other}},
		"bound twice":    {bound, func(p *pod) { p.Spec.NodeName = "b" }, []string{"spec: Forbidden: " + other}},
		"grace":          {old, func(p *pod) { p.Spec.TerminationGracePeriodSeconds = new(int64(5)) }, []string{"spec: Forbidden: " + other}},
		"hostname":       {old, func(p *pod) { p.Spec.Hostname = "web-1" }, []string{"spec: Forbidden: " + other}},
		"more":           {old, func(p *pod) { p.Spec.Containers = append(p.Spec.Containers, corev1.Container{Name: "b", Image: "b:1"}) }, []string{"spec.containers: Forbidden: pod updates may not add or remove containers"}},
		"no tolerations": {old, func(p *pod) { p.Spec.Tolerations = nil }, []string{"spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"}},
		"longer stay":    {old, func(p *pod) { p.Spec.Tolerations[0].TolerationSeconds = new(int64(5)) }, nil},
	} {
		t.Run(name, func(t *testing.T) { require.Equal(t, c.want, told(edited(c.old.DeepCopy(), c.change), c.old)) })
	}
}

func TestMessagesOfOtherKinds(t *testing.T) {
	for want, obj := range map[string]Object{
		"spec.resources[storage]: Required value":                                edited(newClaim("data"), func(c *corev1.PersistentVolumeClaim) { c.Spec.Resources.Requests = nil }),
		`spec.resources[storage]: Invalid value: "0": must be greater than zero`: edited(newClaim("data"), func(c *corev1.PersistentVolumeClaim) { c.Spec.Resources.Requests["storage"] = resource.MustParse("0") }),
		"spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes": edited(newClaim("data"), func(c *corev1.PersistentVolumeClaim) {
			c.Spec.AccessModes = append(c.Spec.AccessModes, corev1.ReadWriteOncePod)
		}),
		"spec.ports: Required value": edited(newService("web"), func(s *corev1.Service) { s.Spec.Ports = nil }),
		"spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive":            edited(newService("web"), func(s *corev1.Service) { s.Spec.Ports[0] = corev1.ServicePort{TargetPort: intstr.FromInt32(1)} }),
		`spec.sessionAffinity: Unsupported value: "Sticky": supported values: "ClientIP", "None"`: edited(newService("web"), func(s *corev1.Service) { s.Spec.SessionAffinity = "Sticky" }),
		"provisioner: Required value": &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "fast"}},
		`spec: Invalid value: {"MinAvailable":1,"Selector":null,"MaxUnavailable":1,"UnhealthyPodEvictionPolicy":null}: minAvailable and maxUnavailable cannot be both set`: &policyv1.PodDisruptionBudget{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"},
			Spec:       policyv1.PodDisruptionBudgetSpec{MinAvailable: new(intstr.FromInt32(1)), MaxUnavailable: new(intstr.FromInt32(1))},
		},
		`data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')`: &corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}, Data: map[string]string{"a/b": ""},
		},
		"data[tls.key]: Required value": &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "web"}, Type: corev1.SecretTypeTLS, Data: map[string][]byte{"tls.crt": nil},
		},
		"metadata.namespace: Forbidden: not allowed on this type": &corev1.Node{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "a"}},
		`metadata.taints[1]: Duplicate value: {"Key":"x","Value":"v","Effect":"NoSchedule","TimeAdded":null}: taints must be unique by key and effect pair`: &corev1.Node{
			ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "x", Effect: "NoSchedule"}, {Key: "x", Value: "v", Effect: "NoSchedule"}}}},
		`spec.internalTrafficPolicy: Unsupported value: "Some": supported values: "Cluster", "Local"`: edited(newService("web"), func(s *corev1.Service) {
			s.Spec.InternalTrafficPolicy = new(corev1.ServiceInternalTrafficPolicy("Some"))
		}),
		"metadata.taints[0].effect: Required value": &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "a"}, Spec: corev1.NodeSpec{Taints: []corev1.Taint{{Key: "x"}}}},
	} {
		require.Equal(t, []string{want}, told(obj, nil))
	}
}

func TestClaimsGrowOnceTheyAreBound(t *testing.T) {
	const immutable = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims"
	bound := newClaim("data")
	Default(bound)
	bound.ResourceVersion, bound.Status.Phase = "1", corev1.ClaimBound
	bound.Status.Capacity = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("10Gi")}
	sized := func(size string) *corev1.PersistentVolumeClaim {
		return edited(bound.DeepCopy(), func(c *corev1.PersistentVolumeClaim) { c.Spec.Resources.Requests["storage"] = resource.MustParse(size) })
	}
	require.Empty(t, told(sized("20Gi"), bound))
	require.Equal(t, []string{"spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"}, told(sized("5Gi"), bound))
	require.Empty(t, told(sized("15Gi"), sized("20Gi")), "back towards what it has")
	pending := edited(bound.DeepCopy(), func(c *corev1.PersistentVolumeClaim) { c.Status.Phase = corev1.ClaimPending })
	require.Equal(t, []string{immutable}, told(edited(sized("20Gi"), func(c *corev1.PersistentVolumeClaim) { c.Status.Phase = corev1.ClaimPending }), pending))
	require.Empty(t, told(edited(pending.DeepCopy(), func(c *corev1.PersistentVolumeClaim) { c.Spec.VolumeName = "pv-1" }), pending), "the binding")
	require.Equal(t, []string{immutable}, told(edited(bound.DeepCopy(), func(c *corev1.PersistentVolumeClaim) { c.Spec.AccessModes[0] = corev1.ReadWriteMany }), bound))
}

// Errors about the keys of one map come in one order, whatever that of the map.
func TestErrorsHaveAnOrder(t *testing.T) {
	pod := newPod("web-0")
	for _, key := range []string{"a b", "c d", "e f", "g h", "i j"} {
		pod.Labels[key] = "x y"
	}
	first := told(pod, nil)
	require.Greater(t, len(first), 5)
	for range 20 {
		require.Equal(t, first, told(pod, nil))
	}
}
