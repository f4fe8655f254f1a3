package scenarios

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
)

// factKind is a type of CEL whose values are facts: its fields in the order in which they are documented.
type factKind struct {
	name   string // in messages
	typ    *cel.Type
	fields []factField
	byName map[string]*types.FieldType
}

type factField struct {
	name string
	typ  *cel.Type
	get  func(of any) ref.Val
}

// kindOf makes a kind of facts that are a *T.
func kindOf[T any](name string, fields ...factField) *factKind {
	k := &factKind{name: name, typ: cel.ObjectType(name), fields: fields, byName: make(map[string]*types.FieldType, len(fields))}
	for _, f := range fields {
		k.byName[f.name] = &types.FieldType{
			Type:    f.typ,
			IsSet:   func(any) bool { return true },
			GetFrom: func(of any) (any, error) { return f.get(of), nil },
		}
	}
	return k
}

func textField[T any](name string, get func(*T) string) factField {
	return factField{name, cel.StringType, func(of any) ref.Val { return types.String(get(of.(*T))) }}
}

func intField[T any](name string, get func(*T) int64) factField {
	return factField{name, cel.IntType, func(of any) ref.Val { return types.Int(get(of.(*T))) }}
}

func boolField[T any](name string, get func(*T) bool) factField {
	return factField{name, cel.BoolType, func(of any) ref.Val { return types.Bool(get(of.(*T))) }}
}

func secondsField[T any](name string, get func(*T) float64) factField {
	return factField{name, cel.DoubleType, func(of any) ref.Val { return types.Double(get(of.(*T))) }}
}

func textsField[T any](name string, get func(*T) []string) factField {
	return factField{name, cel.ListType(cel.StringType), func(of any) ref.Val {
		return types.NewStringList(types.DefaultTypeAdapter, get(of.(*T)))
	}}
}

var (
	podKind = kindOf[PodFact]("pod",
		textField("name", func(p *PodFact) string { return p.Name }),
		textField("namespace", func(p *PodFact) string { return p.Namespace }),
		textField("set", func(p *PodFact) string { return p.Set }),
		intField("ordinal", func(p *PodFact) int64 { return p.Ordinal }),
		textField("node", func(p *PodFact) string { return p.Node }),
		textField("zone", func(p *PodFact) string { return p.Zone }),
		textField("phase", func(p *PodFact) string { return p.Phase }),
		textField("reason", func(p *PodFact) string { return p.Reason }),
		boolField("ready", func(p *PodFact) bool { return p.Ready }),
		intField("restarts", func(p *PodFact) int64 { return p.Restarts }),
		textField("revision", func(p *PodFact) string { return p.Revision }),
		textField("volume", func(p *PodFact) string { return p.Volume }),
		textField("role", func(p *PodFact) string { return p.Role }),
		textField("ip", func(p *PodFact) string { return p.IP }),
		textField("uid", func(p *PodFact) string { return p.UID }),
		textField("image", func(p *PodFact) string { return p.Image }),
		boolField("terminating", func(p *PodFact) bool { return p.Terminating }),
	)
	setKind = kindOf[SetFact]("set",
		textField("name", func(s *SetFact) string { return s.Name }),
		textField("namespace", func(s *SetFact) string { return s.Namespace }),
		intField("replicas", func(s *SetFact) int64 { return s.Replicas }),
		intField("readyReplicas", func(s *SetFact) int64 { return s.ReadyReplicas }),
		intField("availableReplicas", func(s *SetFact) int64 { return s.AvailableReplicas }),
		intField("currentReplicas", func(s *SetFact) int64 { return s.CurrentReplicas }),
		intField("updatedReplicas", func(s *SetFact) int64 { return s.UpdatedReplicas }),
		textField("currentRevision", func(s *SetFact) string { return s.CurrentRevision }),
		textField("updateRevision", func(s *SetFact) string { return s.UpdateRevision }),
		textField("primary", func(s *SetFact) string { return s.Primary }),
		intField("writable", func(s *SetFact) int64 { return s.Writable }),
		textField("updateStrategy", func(s *SetFact) string { return s.UpdateStrategy }),
	)
	machineKind = kindOf[NodeFact]("node",
		textField("name", func(n *NodeFact) string { return n.Name }),
		textField("zone", func(n *NodeFact) string { return n.Zone }),
		boolField("ready", func(n *NodeFact) bool { return n.Ready }),
		boolField("unschedulable", func(n *NodeFact) bool { return n.Unschedulable }),
		textsField("taints", func(n *NodeFact) []string { return n.Taints }),
		boolField("down", func(n *NodeFact) bool { return n.Down }),
	)
	claimKind = kindOf[ClaimFact]("claim",
		textField("name", func(c *ClaimFact) string { return c.Name }),
		textField("namespace", func(c *ClaimFact) string { return c.Namespace }),
		textField("phase", func(c *ClaimFact) string { return c.Phase }),
		textField("volume", func(c *ClaimFact) string { return c.Volume }),
		textField("pod", func(c *ClaimFact) string { return c.Pod }),
		textField("storageClass", func(c *ClaimFact) string { return c.StorageClass }),
		textField("capacity", func(c *ClaimFact) string { return c.Capacity }),
		textsField("attachedTo", func(c *ClaimFact) []string { return c.AttachedTo }),
	)
	serviceKind = kindOf[ServiceFact]("service",
		textField("name", func(s *ServiceFact) string { return s.Name }),
		textField("namespace", func(s *ServiceFact) string { return s.Namespace }),
		textsField("endpoints", func(s *ServiceFact) []string { return s.Endpoints }),
	)
	clientKind = kindOf[ClientFact]("client",
		textField("name", func(c *ClientFact) string { return c.Name }),
		intField("acknowledged", func(c *ClientFact) int64 { return c.Acknowledged }),
		intField("failed", func(c *ClientFact) int64 { return c.Failed }),
		intField("unknown", func(c *ClientFact) int64 { return c.Unknown }),
		intField("lost", func(c *ClientFact) int64 { return c.Lost }),
		secondsField("maxOutageSeconds", func(c *ClientFact) float64 { return c.MaxOutageSeconds }),
	)
	peerKind = kindOf[PeerFact]("peer",
		textField("pod", func(p *PeerFact) string { return p.Pod }),
		textField("namespace", func(p *PeerFact) string { return p.Namespace }),
		textField("set", func(p *PeerFact) string { return p.Set }),
		textField("state", func(p *PeerFact) string { return p.State }),
		textField("leader", func(p *PeerFact) string { return p.Leader }),
		intField("term", func(p *PeerFact) int64 { return p.Term }),
		intField("lastIndex", func(p *PeerFact) int64 { return p.LastIndex }),
		intField("commit", func(p *PeerFact) int64 { return p.Commit }),
		intField("applied", func(p *PeerFact) int64 { return p.Applied }),
		intField("voters", func(p *PeerFact) int64 { return p.Voters }),
	)
	eventKind = kindOf[EventFact]("event",
		textField("reason", func(e *EventFact) string { return e.Reason }),
		textField("object", func(e *EventFact) string { return e.Object }),
		textField("message", func(e *EventFact) string { return e.Message }),
		intField("count", func(e *EventFact) int64 { return e.Count }),
		secondsField("firstSeconds", func(e *EventFact) float64 { return e.FirstSeconds }),
		secondsField("lastSeconds", func(e *EventFact) float64 { return e.LastSeconds }),
	)
	cronJobKind = kindOf[CronJobFact]("cronjob",
		textField("name", func(c *CronJobFact) string { return c.Name }),
		textField("namespace", func(c *CronJobFact) string { return c.Namespace }),
		intField("active", func(c *CronJobFact) int64 { return c.Active }),
		secondsField("lastScheduleSeconds", func(c *CronJobFact) float64 { return c.LastScheduleSeconds }),
		secondsField("lastSuccessSeconds", func(c *CronJobFact) float64 { return c.LastSuccessSeconds }),
		boolField("suspended", func(c *CronJobFact) bool { return c.Suspended }),
	)
	jobKind = kindOf[JobFact]("job",
		textField("name", func(j *JobFact) string { return j.Name }),
		textField("namespace", func(j *JobFact) string { return j.Namespace }),
		textField("cronjob", func(j *JobFact) string { return j.CronJob }),
		intField("active", func(j *JobFact) int64 { return j.Active }),
		intField("succeeded", func(j *JobFact) int64 { return j.Succeeded }),
		intField("failed", func(j *JobFact) int64 { return j.Failed }),
		boolField("complete", func(j *JobFact) bool { return j.Complete }),
		boolField("failedFinally", func(j *JobFact) bool { return j.FailedFinally }),
	)
	failoverKind = kindOf[FailoverFact]("failover",
		textField("set", func(f *FailoverFact) string { return f.Set }),
		secondsField("atSeconds", func(f *FailoverFact) float64 { return f.AtSeconds }),
		secondsField("recoverySeconds", func(f *FailoverFact) float64 { return f.RecoverySeconds }),
		boolField("recovered", func(f *FailoverFact) bool { return f.Recovered }),
		textField("oldPrimary", func(f *FailoverFact) string { return f.OldPrimary }),
		textField("newPrimary", func(f *FailoverFact) string { return f.NewPrimary }),
		intField("lostWrites", func(f *FailoverFact) int64 { return f.LostWrites }),
	)
)
