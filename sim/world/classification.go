package world

import (
	"encoding/base64"
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
// the keys that they are stored under.
func (w *World) ClassificationsOf(tx *state.Tx, resource string) iter.Seq2[string, Classification] {
	return w.classified.Find(tx, resource)
}

// Classify says how delicate a delegated permission (permissionScope) of a
// resource is. There is one classification for each; a further one takes its
// place.
func (w *World) Classify(tx *state.Tx, resource Object, permission Doc, level any) Doc {
	id := classificationID(Text(permission, "id"))
	d := Doc{"id": id, "permissionId": permission["id"], "permissionName": permission["value"], "classification": level}
	w.Classifications.Put(tx, resource.ID+"/"+id, Classification{Resource: resource.ID, Doc: d})
	return d
}

// classificationID writes a permission's id as Graph's examples do: its bytes as
// Windows stores a GUID, in base64, and an E
// (serviceprincipal-post-delegatedpermissionclassifications).
func classificationID(permission string) string {
	b, ok := windowsBytes(permission)
	if !ok {
		return permission
	}
	return base64.RawURLEncoding.EncodeToString(b) + "E"
}
