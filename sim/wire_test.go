package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"statefulsim/scenarios"
)

// A client asks for a name that does not exist: as often as the cluster lets it forget the denial.
func TestDenialsAreKept(t *testing.T) {
	const lonely = `
manifests:
  - {apiVersion: v1, kind: Service, metadata: {name: web}, spec: {clusterIP: None, selector: {app: web}, ports: [{port: 80}]}}
clients:
  - {name: reader, reads: web, rate: 1}
`
	for dns, want := range map[string]int{"{negative: 30s}": 2, "{negative: 10s}": 6, "{ttl: 1s}": 2} {
		s, err := scenarios.Parse("lonely.yaml", []byte("for: 1m\ncluster: {dns: "+dns+"}"+lonely), nil)
		require.NoError(t, err)
		asked := 0
		for _, e := range run(t, s, 1).Events {
			if e.Verb == "resolve" {
				require.Equal(t, "NXDOMAIN", e.Detail)
				asked++
			}
		}
		require.Equal(t, want, asked, dns)
	}
}
