package sim

import batchv1 "k8s.io/api/batch/v1"

// job tells how a Job is getting on. That it is over makes a headline.
func (d *differences) job(was, is *batchv1.JobStatus) {
	d.changed("active", was.Active, is.Active)
	d.changed("succeeded", was.Succeeded, is.Succeeded)
	d.changed("failed", was.Failed, is.Failed)
	for _, c := range is.Conditions[min(len(was.Conditions), len(is.Conditions)):] { // none is ever taken away
		if c.Type == batchv1.JobComplete || c.Type == batchv1.JobFailed {
			d.headline(string(c.Type))
		}
		d.add("%s %s: %s", c.Type, c.Status, c.Reason)
	}
}

// cronJob tells which of its Jobs are not over.
func (d *differences) cronJob(was, is *batchv1.CronJobStatus) {
	d.changed("active", activeJobs(was), activeJobs(is))
}

func activeJobs(status *batchv1.CronJobStatus) string {
	if len(status.Active) == 0 {
		return "none"
	}
	names := status.Active[0].Name
	for _, ref := range status.Active[1:] {
		names += ", " + ref.Name
	}
	return names
}
