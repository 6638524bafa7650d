package world

import (
	"iter"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// Classification says how delicate an administrator finds a delegated permission
// of a resource (Graph's delegatedPermissionClassification).
type Classification struct {
	Resource string `json:"resource"` // object id of the resource's service principal
	Doc      Doc    `json:"doc"`
}

// ClassificationsOf gives the classifications of a resource's permissions, by
// their ids.
func (w *World) ClassificationsOf(tx *state.Tx, resource string) iter.Seq2[string, Classification] {
	return w.classified.Find(tx, resource)
}
