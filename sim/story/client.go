package story

import "time"

// Bucket is what came of a client's requests that ended in one stretch of time. A client has gone through a bucket without requests if all
// is 0.
type Bucket struct {
	OK, Failed, Unknown int
	Lost                int           // of OK: acknowledged writes that are missing at the end
	Median, Worst       time.Duration // how long those took that succeeded; 0 if none did
}

// Client is what one client went through.
type Client struct {
	Name    string
	Writes  bool
	Service string
	Buckets []Bucket // as many as were asked for, of the same length
}

// Clients divides the time from one instant to another into n buckets, for each client in the order of the scenario. Its cost is in
// proportion to the requests that ended in that time.
func (s *Story) Clients(from, until time.Duration, n int) []Client { return nil }
