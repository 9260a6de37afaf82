package cluster

import (
	"context"
	"fmt"
)

// ComponentStatus is what was found of one component.
type ComponentStatus struct {
	Name string
	// PID is 0 when the component does not run.
	PID int
	// Problem is empty when the component is healthy.
	Problem string
}

// Status is what was found of a cluster.
type Status struct {
	// Created is false when there is no cluster, or only one whose creation was interrupted.
	Created    bool
	Components []ComponentStatus
}

// Healthy reports whether the cluster exists and every component answers.
func (s Status) Healthy() bool {
	for _, component := range s.Components {
		if component.Problem != "" {
			return false
		}
	}
	return s.Created
}

// Status looks at the cluster without changing anything.
func (c *Cluster) Status(ctx context.Context) (Status, error) {
	if !c.Created() {
		return Status{}, nil
	}
	found, err := c.inspect(ctx)
	if err != nil {
		return Status{}, fmt.Errorf("cluster %s: %w", c.config.Name, err)
	}
	status := Status{Created: true}
	for _, state := range found {
		entry := ComponentStatus{Name: state.component.Name}
		if state.process != nil {
			entry.PID = state.process.PID
		}
		if !state.healthy() {
			entry.Problem = state.problem()
		}
		status.Components = append(status.Components, entry)
	}
	return status, nil
}
