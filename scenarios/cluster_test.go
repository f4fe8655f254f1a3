package scenarios

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestDNSOfACluster(t *testing.T) {
	for text, want := range map[string]DNS{
		"":                                 {TTL: 30 * time.Second, Negative: 30 * time.Second},
		"cluster: {dns: {ttl: 5s}}\n":      {TTL: 5 * time.Second, Negative: 30 * time.Second},
		"cluster: {dns: {negative: 0s}}\n": {TTL: 30 * time.Second},
	} {
		s, err := Parse("test.yaml", []byte("for: 1m\n"+text), nil)
		require.NoError(t, err)
		require.Equal(t, want, s.Cluster.DNS)
	}
}
