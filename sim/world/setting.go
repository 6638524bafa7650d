package world

import (
	"strings"

	"github.com/graphwarden/graphwarden/sim/world/state"
)

// UnifiedTemplate is the template of the settings that hold for all Microsoft
// 365 groups (Microsoft Graph, groupSettingTemplate "Group.Unified").
const UnifiedTemplate = "62375ab9-6b52-47ed-826b-58e47e0e304b"

// UnifiedDefaults are the template's values in its order: name, type, default
// (groupsetting-update).
func UnifiedDefaults() [][3]string {
	return [][3]string{
		{"EnableMIPLabels", "System.Boolean", "false"}, {"CustomBlockedWordsList", "System.String", ""},
		{"EnableMSStandardBlockedWords", "System.Boolean", "false"}, {"ClassificationDescriptions", "System.String", ""},
		{"DefaultClassification", "System.String", ""}, {"PrefixSuffixNamingRequirement", "System.String", ""},
		{"AllowGuestsToBeGroupOwner", "System.Boolean", "false"}, {"AllowGuestsToAccessGroups", "System.Boolean", "true"},
		{"GuestUsageGuidelinesUrl", "System.String", ""}, {"GroupCreationAllowedGroupId", "System.Guid", ""},
		{"AllowToAddGuests", "System.Boolean", "true"}, {"UsageGuidelinesUrl", "System.String", ""},
		{"ClassificationList", "System.String", ""}, {"EnableGroupCreation", "System.Boolean", "true"},
	}
}

// PutSetting stores tenant-wide settings made from the unified template: the
// template's defaults with the values that are given.
func (w *World) PutSetting(tx *state.Tx, id string, given map[string]string) Doc {
	var values []any
	for _, v := range UnifiedDefaults() {
		value, ok := given[v[0]]
		if !ok {
			value = v[2]
		}
		values = append(values, Doc{"name": v[0], "value": value})
	}
	d := Doc{"id": id, "displayName": "Group.Unified", "templateId": UnifiedTemplate, "values": values}
	w.Settings.Put(tx, id, d)
	return d
}

// NamingPolicy is what must stand before and after the names of Microsoft 365
// groups: PrefixSuffixNamingRequirement of the tenant's settings, cut at the
// group's name (groups-naming-policy). Attributes in it stand for themselves.
func (w *World) NamingPolicy(tx *state.Tx) (prefix, suffix string) {
	for _, d := range w.Settings.All(tx) {
		values, _ := d["values"].([]any)
		for _, v := range values {
			pair, _ := v.(Doc)
			if Text(pair, "name") == "PrefixSuffixNamingRequirement" {
				prefix, suffix, _ = strings.Cut(Text(pair, "value"), "[GroupName]")
			}
		}
	}
	return prefix, suffix
}
