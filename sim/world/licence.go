package world

import "time"

// The licence that the company's people have and its plan for Exchange, by
// Microsoft's identifiers (Microsoft Entra, "Product names and service plan
// identifiers": Office 365 E3, EXCHANGE_S_ENTERPRISE).
const (
	skuE3        = "6fd2c87f-b296-42f0-b197-1e91e994b900"
	planExchange = "efb87545-963c-4e0d-99df-69c6916d9eb0"
)

// Licences is what a user's document says of the licence. Of one that was taken
// away the plan stays as deleted (Microsoft Graph, assignedPlan: capabilityStatus).
func Licences(at time.Time, has bool) Doc {
	licences, status := []any{}, "Deleted"
	if has {
		licences, status = []any{Doc{"disabledPlans": []any{}, "skuId": skuE3}}, "Enabled"
	}
	return Doc{
		"assignedLicenses": licences,
		"assignedPlans": []any{Doc{"assignedDateTime": Time(at), "capabilityStatus": status, "service": "exchange",
			"servicePlanId": planExchange}},
		"provisionedPlans": []any{Doc{"capabilityStatus": status, "provisioningStatus": "Success", "service": "exchange"}},
	}
}
