package scenarios

import (
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/types"
)

// environment is the one in which all expressions are checked, made when the first of them is.
var environment = sync.OnceValue(func() *cel.Env {
	options := []cel.EnvOption{
		factTypes,
		cel.CrossTypeNumericComparisons(true), // so that a time in seconds can be compared with a whole number
		cel.EnableMacroCallTracking(),         // so that a failed expectation can be printed in parts
		cel.ParserExpressionSizeLimit(10_000),
		cel.ParserRecursionLimit(60),
		cel.ASTValidators(cel.ValidateComprehensionNestingLimit(2)), // so that no expression takes for ever
		cel.Variable(now, cel.DoubleType),
	}
	for _, v := range variables {
		options = append(options, cel.Variable(v.list, cel.ListType(v.kind.typ)))
		if v.named != "" {
			options = append(options, cel.Variable(v.named, cel.MapType(cel.StringType, v.kind.typ)))
		}
	}
	env, err := cel.NewEnv(options...)
	if err != nil {
		panic(err) // the declarations are constant
	}
	return env
})

// factTypes adds the kinds of facts to the types that CEL knows.
func factTypes(env *cel.Env) (*cel.Env, error) {
	p := &provider{Provider: env.CELTypeProvider(), kinds: map[string]*factKind{}}
	for _, v := range variables {
		p.kinds[v.kind.name] = v.kind
	}
	return cel.CustomTypeProvider(types.Provider(p))(env)
}

// provider tells CEL's checker which fields facts have.
type provider struct {
	types.Provider
	kinds map[string]*factKind
}

func (p *provider) FindStructType(name string) (*types.Type, bool) {
	if k, known := p.kinds[name]; known {
		return types.NewTypeTypeWithParam(k.typ), true
	}
	return p.Provider.FindStructType(name)
}

func (p *provider) FindStructFieldNames(name string) ([]string, bool) {
	if k, known := p.kinds[name]; known {
		return k.fieldNames(), true
	}
	return p.Provider.FindStructFieldNames(name)
}

func (p *provider) FindStructFieldType(name, field string) (*types.FieldType, bool) {
	if k, known := p.kinds[name]; known {
		t, known := k.byName[field]
		return t, known
	}
	return p.Provider.FindStructFieldType(name, field)
}

func (k *factKind) fieldNames() []string {
	names := make([]string, len(k.fields))
	for i := range k.fields {
		names[i] = k.fields[i].name
	}
	return names
}
