package postgres

import (
	"errors"
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// ObjectStore is a folder in an S3 bucket, or in a store with the same API.
type ObjectStore struct {
	// Destination is s3://<bucket>/<path>.
	Destination string
	// EndpointURL of the store, or the Region of AWS: one of them.
	EndpointURL, Region string
	// CredentialsSecret has the keys ACCESS_KEY_ID and ACCESS_SECRET_KEY; empty means the pods' own role.
	CredentialsSecret string
}

// Backup is where and when the database is backed up.
type Backup struct {
	ObjectStore
	// Schedule of the base backups, a cron expression with seconds.
	Schedule string
	// RetentionDays is how far back a recovery can go, at least 1.
	RetentionDays int
}

// Recovery is what a new database starts from.
type Recovery struct {
	ObjectStore
	// ClusterName under which the lost database wrote its backups.
	ClusterName string
	// TargetTime to recover to, in RFC 3339; empty means the newest.
	TargetTime string
}

// backupName is the last part of the name of the ScheduledBackup, postgres-base.
const backupName = "base"

func (backup *Backup) values() pulumi.Map {
	values := backup.ObjectStore.values()
	values["enabled"] = pulumi.Bool(true)
	// The bucket decides how it encrypts. The chart's default asks for AES256, which stores without a key service refuse.
	values["wal"] = pulumi.Map{"encryption": pulumi.String("")}
	values["data"] = pulumi.Map{"encryption": pulumi.String("")}
	values["retentionPolicy"] = pulumi.String(fmt.Sprintf("%dd", backup.RetentionDays))
	values["scheduledBackups"] = pulumi.Array{pulumi.Map{
		"name":                 pulumi.String(backupName),
		"schedule":             pulumi.String(backup.Schedule),
		"method":               pulumi.String("barmanObjectStore"),
		"backupOwnerReference": pulumi.String("self"),
	}}
	return values
}

// values names database and owner: the chart's own defaults are others, and the operator would make them.
func (recovery *Recovery) values(args *Args) pulumi.Map {
	values := recovery.ObjectStore.values()
	values["method"] = pulumi.String("object_store")
	values["clusterName"] = pulumi.String(recovery.ClusterName)
	values["database"] = pulumi.String(args.Database)
	values["owner"] = pulumi.String(args.Owner)
	if recovery.TargetTime != "" {
		values["pitrTarget"] = pulumi.Map{"time": pulumi.String(recovery.TargetTime)}
	}
	return values
}

func (store ObjectStore) values() pulumi.Map {
	values := pulumi.Map{
		"provider":        pulumi.String("s3"),
		"destinationPath": pulumi.String(store.Destination),
		// Never made by the chart, which would take the keys from its values.
		"secret": pulumi.Map{"create": pulumi.Bool(false), "name": pulumi.String(store.CredentialsSecret)},
	}
	s3 := pulumi.Map{"inheritFromIAMRole": pulumi.Bool(store.CredentialsSecret == "")}
	if store.EndpointURL != "" {
		values["endpointURL"] = pulumi.String(store.EndpointURL)
	} else {
		s3["region"] = pulumi.String(store.Region)
	}
	values["s3"] = s3
	return values
}

func (store ObjectStore) check(argument string) error {
	var faults []error
	if store.Destination == "" {
		faults = append(faults, fmt.Errorf("%s.Destination is empty: expected s3://<bucket>/<path>", argument))
	}
	if (store.EndpointURL == "") == (store.Region == "") {
		faults = append(faults, fmt.Errorf("%s: expected one of EndpointURL and Region", argument))
	}
	return errors.Join(faults...)
}

func (backup *Backup) check(argument string) error {
	if backup == nil {
		return nil
	}
	faults := []error{backup.ObjectStore.check(argument)}
	if backup.Schedule == "" {
		faults = append(faults, fmt.Errorf("%s.Schedule is empty", argument))
	}
	if backup.RetentionDays < 1 {
		faults = append(faults, fmt.Errorf("%s.RetentionDays is %d: expected at least 1", argument, backup.RetentionDays))
	}
	return errors.Join(faults...)
}

func (recovery *Recovery) check(argument string) error {
	if recovery == nil {
		return nil
	}
	faults := []error{recovery.ObjectStore.check(argument)}
	if recovery.ClusterName == "" {
		faults = append(faults, fmt.Errorf("%s.ClusterName is empty", argument))
	}
	return errors.Join(faults...)
}
