package check

// Lost returns the acknowledged writes that left no trace in what survived, in the order of ops.
//
// applied holds for each key every value that the surviving state machine ever applied, in the order of its log: the values
// that were overwritten since, too. So an acknowledged write is lost exactly if its value is not among them; that it was
// overwritten in a wrong order is Linearizable's to find. Every written value has to be unique for its key.
func Lost(ops []Operation, applied map[string][]string) []Operation {
	type write struct{ key, value string }
	survived := map[write]bool{}
	for key, values := range applied {
		for _, value := range values {
			survived[write{key, value}] = true
		}
	}
	var lost []Operation
	for _, op := range ops {
		if op.Write && op.Outcome == Acknowledged && !survived[write{op.Key, op.Value}] {
			lost = append(lost, op)
		}
	}
	return lost
}
