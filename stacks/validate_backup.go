package stacks

import (
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/federated-risk/federated-risk/components/policy"
	"github.com/federated-risk/federated-risk/components/postgres"
)

const (
	// longestRetentionDays is ten years: what must be kept for longer belongs into an archive, not into a backup.
	longestRetentionDays = 3650
	// scheduleFields of a cron expression as the operator reads it. One of five would pass there, each field a place off.
	scheduleFields = 6
	// httpPort of a store whose address has that scheme and no port.
	httpPort = 80
)

var (
	// Bucket as AWS has it, and a path of the characters that it calls safe in keys (docs.aws.amazon.com/AmazonS3/latest/userguide).
	destination = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()-]+)*/?$`)
	// The chart makes a host name of it.
	region = regexp.MustCompile(`^[a-z]{2,}(-[a-z0-9]+)+$`)
	// The operator's own parser, robfig/cron, with seconds and without the names for whole schedules.
	schedule = cron.NewParser(cron.Second | cron.Minute | cron.Hour | cron.Dom | cron.Month | cron.Dow)
)

func (v validator) backup(path keyPath, backup PostgresBackup) {
	v.objectStore(path, backup.ObjectStore, backup.Enabled)
	if !validSchedule(backup.Schedule) {
		v.add(path.key("schedule"), backup.Schedule,
			`must be a cron expression of %d fields, seconds first, such as "0 30 2 * * *" for half past two each night`, scheduleFields)
	}
	v.between(path.key("retentionDays"), backup.RetentionDays, 1, longestRetentionDays)
}

// validSchedule counts the fields itself: the parser would take off a time zone first, and panics on one that stands alone.
func validSchedule(expression string) bool {
	fields := strings.Fields(expression)
	if len(fields) != scheduleFields {
		return false
	}
	_, err := schedule.Parse(strings.Join(fields, " "))
	return err == nil
}

func (v validator) recovery(path keyPath, recovery PostgresRecovery) {
	v.objectStore(path, recovery.ObjectStore, recovery.Enabled)
	v.objectName(path.key("clusterName"), recovery.ClusterName, "Cluster")
	if recovery.TargetTime == "" {
		return
	}
	if _, err := time.Parse(time.RFC3339, recovery.TargetTime); err != nil {
		v.add(path.key("targetTime"), recovery.TargetTime, "must be a time with its zone, such as 2026-01-31T18:30:00Z (RFC 3339)")
	}
}

// objectStore checks what is set, and that all is set that an enabled one needs.
func (v validator) objectStore(path keyPath, store ObjectStore, enabled bool) {
	place, endpoint, regionPath := path.key("destination"), path.key("endpointURL"), path.key("region")
	switch {
	case store.Destination == "" && enabled:
		v.add(place, nil, "is not set: give s3://<bucket>/<path>, or set %s to false", path.key("enabled"))
	case strings.Contains(store.Destination, "@"):
		// Not shown, it may hold a password.
		v.add(place, nil, "must be s3://<bucket> or s3://<bucket>/<path>")
	case store.Destination != "" && !validDestination(store.Destination):
		v.add(place, store.Destination, "must be s3://<bucket> or s3://<bucket>/<path>")
	}
	switch {
	case store.EndpointURL == "" && store.Region == "" && enabled:
		v.add(regionPath, nil, "is not set: give the AWS region of the bucket, or %s for another store", endpoint)
	case store.EndpointURL != "" && store.Region != "":
		v.add(regionPath, store.Region, "must not be set together with %s, which says where the store is", endpoint)
	case store.Region != "" && !region.MatchString(store.Region):
		v.add(regionPath, store.Region, "must be an AWS region, such as eu-west-1")
	}
	if store.EndpointURL != "" {
		v.endpoint(endpoint, store.EndpointURL)
	}
	if store.CredentialsSecret != "" {
		v.objectName(path.key("credentialsSecret"), store.CredentialsSecret, "Secret")
	}
}

func validDestination(text string) bool {
	return destination.MatchString(text) && !strings.Contains(text, "..") && !strings.Contains(text+"/", "/./")
}

func (v validator) endpoint(path keyPath, endpoint string) {
	address, err := url.Parse(endpoint)
	switch {
	case err != nil || address.Hostname() == "" || (address.Scheme != "https" && address.Scheme != "http"):
		v.add(path, endpoint, "must be an https:// or http:// address")
	case address.User != nil || address.RawQuery != "" || address.Fragment != "":
		// Not shown, it may hold a credential.
		v.add(path, nil, "must be a plain address, without a user, password, query or fragment")
	}
}

// notOverItself refuses a recovery whose database would archive to where the lost one did: the operator does not
// start a database over an archive that is not empty, so that neither can spoil the other.
func (v validator) notOverItself(path keyPath, config Postgres) {
	backup, recovery := config.Backup, config.Recovery
	if backup.Enabled && recovery.Enabled && recovery.ClusterName == postgres.ClusterName &&
		backup.folder() == recovery.folder() {
		v.add(path.key("backup").key("destination"), backup.Destination,
			"must differ from %s while that is recovered from: a new database needs an empty archive", path.key("recovery").key("destination"))
	}
}

// folder identifies the folder in the store, however it is spelled. AWS's bucket names are unique in all regions.
func (store ObjectStore) folder() string {
	host := "amazonaws.com"
	if address, err := url.Parse(store.EndpointURL); err == nil && address.Host != "" {
		if !strings.HasSuffix(address.Hostname(), "."+host) {
			host = strings.ToLower(address.Host)
		}
	}
	return host + " " + strings.TrimRight(store.Destination, "/")
}

// anyAddress is the range by which apiServerCIDRs also covers an object store.
const anyAddress = "0.0.0.0/0"

// storesReachable refuses a store that the stack's own policies cut off: the database's archive of changes would grow
// until its disk is full.
func (v validator) storesReachable(cfg *Config) {
	for key, store := range map[string]struct {
		ObjectStore
		enabled bool
	}{
		"backup":   {cfg.Postgres.Backup.ObjectStore, cfg.Postgres.Backup.Enabled},
		"recovery": {cfg.Postgres.Recovery.ObjectStore, cfg.Postgres.Recovery.Enabled},
	} {
		port, known := store.port()
		if !store.enabled || !known {
			continue
		}
		place, policyPath := keyPath{"postgres", key, "destination"}, keyPath{"policy"}
		switch {
		case len(cfg.Policy.BackupCIDRs) > 0:
			if port != cfg.Policy.BackupPort {
				v.add(policyPath.key("backupPort"), cfg.Policy.BackupPort, "must be %d, the port of %s", port, place)
			}
		case !slices.Contains(policy.APIServerPorts(), port) || !slices.Contains(cfg.Policy.APIServerCIDRs, anyAddress):
			v.add(policyPath.key("backupCIDRs"), nil, "is not set: give the addresses of %s, and %s %d, or the network policies cut it off",
				place, policyPath.key("backupPort"), port)
		}
	}
}

// port of the store: that of its address, or of the scheme.
func (store ObjectStore) port() (int, bool) {
	if store.EndpointURL == "" {
		return httpsPort, true
	}
	address, err := url.Parse(store.EndpointURL)
	if err != nil {
		return 0, false
	}
	if text := address.Port(); text != "" {
		port, err := strconv.Atoi(text)
		return port, err == nil
	}
	if address.Scheme == "http" {
		return httpPort, true
	}
	return httpsPort, true
}
