package world

import (
	"encoding/binary"
	"fmt"
	"iter"
	"maps"
	"slices"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// NewGroup stores a group: what set says over what Entra and, for a Microsoft
// 365 group, Exchange fill in by themselves.
func (w *World) NewGroup(tx *state.Tx, set Doc) Object { return w.EnrolGroup(tx, tx.GUID(), set) }

// EnrolGroup is NewGroup with an object id of the caller's choice.
func (w *World) EnrolGroup(tx *state.Tx, id string, set Doc) Object {
	now := Time(tx.Now())
	d := Doc{"securityIdentifier": SID(id), "createdDateTime": now, "renewedDateTime": now, "deletedDateTime": nil, "groupTypes": []any{},
		"mail": nil, "proxyAddresses": []any{}, "resourceBehaviorOptions": []any{}, "resourceProvisioningOptions": []any{},
		"onPremisesProvisioningErrors": []any{}, "serviceProvisioningErrors": []any{}, "visibility": nil}
	maps.Copy(d, set)
	if IsUnified(d) {
		mail := Text(d, "mailNickname") + "@" + w.Domain
		d["mail"], d["proxyAddresses"] = mail, []any{"SMTP:" + mail}
		d["allowExternalSenders"], d["autoSubscribeNewMembers"] = false, false
		d["isSubscribedByMail"], d["unseenCount"] = false, float64(0)
		if Text(d, "visibility") == "" {
			d["visibility"] = "Public"
		}
	}
	return w.AddObject(tx, Object{ID: id, Type: "group", Doc: d})
}

// IsUnified says whether a group is a Microsoft 365 group.
func IsUnified(group Doc) bool {
	types, _ := group["groupTypes"].([]any)
	return slices.ContainsFunc(types, func(v any) bool { return v == "Unified" })
}

// SID is the security identifier that Entra derives from an object id: its
// sixteen bytes as four little-endian numbers (Microsoft Entra, user and group
// property securityIdentifier).
func SID(id string) string {
	b, ok := windowsBytes(id)
	if !ok {
		return ""
	}
	n := func(at int) uint32 { return binary.LittleEndian.Uint32(b[at:]) }
	return fmt.Sprintf("S-1-12-1-%d-%d-%d-%d", n(0), n(4), n(8), n(12))
}

// MembershipsOf gives the groups and directory roles that an object is a member
// of; with transitive also those that hold them, each once.
func (w *World) MembershipsOf(tx *state.Tx, id string, transitive bool) []Object {
	return w.walk(tx, id, transitive, w.LinkedTo)
}

// MembersOf gives the members of a group or a directory role; with transitive
// also those of the groups among them, each once.
func (w *World) MembersOf(tx *state.Tx, id string, transitive bool) []Object {
	return w.walk(tx, id, transitive, w.LinkedFrom)
}

// walk goes along the members relation, nearest first.
func (w *World) walk(tx *state.Tx, id string, transitive bool, next func(*state.Tx, string, string) iter.Seq[Object]) []Object {
	seen := map[string]bool{id: true}
	var out []Object
	for queue := []string{id}; len(queue) > 0; queue = queue[1:] {
		for o := range next(tx, queue[0], Members) {
			if seen[o.ID] {
				continue
			}
			seen[o.ID] = true
			out = append(out, o)
			if transitive {
				queue = append(queue, o.ID)
			}
		}
	}
	return out
}
