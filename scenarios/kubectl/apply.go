package kubectl

// Apply is `apply -f FILE…`, or one of its kin.
type Apply struct {
	Verb      string // "apply", "create" or "replace"
	Namespace string // "" is the terminal's
	Files     []string
}

func (Apply) command() {}

var fileFlags = flags{"filename": value, "namespace": value}

// parseApply reads `apply`, `create` and `replace` of files.
func parseApply(verb string) func(args []string) (Command, error) {
	return func(args []string) (Command, error) {
		c, err := cutFlags(args, fileFlags)
		if err != nil {
			return nil, err
		}
		a := Apply{Verb: verb, Files: c.flags["filename"]}
		switch {
		case len(c.args) > 0:
			return nil, wrongf(verb+" -f FILE", "of kubectl %s only files are simulated", verb)
		case len(a.Files) == 0:
			return nil, wrongf(verb+" -f FILE", "must specify one of -f and -k")
		}
		a.Namespace, err = c.namespace()
		return a, err
	}
}
