package notice

import (
	"slices"
	"strings"
	"time"

	"github.com/graphwarden/graphwarden/sim/world"
)

// Subscription is one change-notification subscription (graph-facts §4.1).
type Subscription struct {
	ID           string    `json:"id"`
	AppID        string    `json:"appId"`
	Creator      string    `json:"creator"` // object id of the user or service principal
	User         string    `json:"user"`    // the signed-in user's, "" for an application
	Resource     string    `json:"resource"`
	Target       Target    `json:"target"`
	ChangeType   string    `json:"changeType"`
	URL          string    `json:"url"`
	LifecycleURL string    `json:"lifecycleUrl"`
	ClientState  string    `json:"clientState"`
	Expires      time.Time `json:"expires"`
	Made         time.Time `json:"made"`
	TLS          string    `json:"tls"`
	Rich         bool      `json:"rich"` // with resource data
	Certificate  string    `json:"certificate"`
	CertID       string    `json:"certId"`
	Immutable    bool      `json:"immutable"` // ids in notifications are immutable
	Reminded     time.Time `json:"reminded"`  // the last reauthorizationRequired
	// Paused is since when nothing is sent, because the permission is gone.
	Paused time.Time `json:"paused,omitzero"`
}

// follows says whether the subscription hears of this kind of change.
func (s Subscription) follows(kind world.ChangeKind) bool {
	return slices.Contains(strings.Split(s.ChangeType, ","), string(kind))
}

// doc is the subscription as Graph shows it. The certificate is never shown
// again (graph-facts §4.1).
func (s Subscription) doc() world.Doc {
	return world.Doc{
		"id": s.ID, "resource": s.Resource, "applicationId": s.AppID, "changeType": s.ChangeType,
		"clientState": orNull(s.ClientState), "notificationUrl": s.URL, "lifecycleNotificationUrl": orNull(s.LifecycleURL),
		"expirationDateTime": s.Expires.UTC().Format("2006-01-02T15:04:05.0000000Z"), "creatorId": s.Creator,
		"includeResourceData": s.Rich, "latestSupportedTlsVersion": s.TLS, "encryptionCertificate": nil,
		"encryptionCertificateId": orNull(s.CertID), "notificationQueryOptions": nil, "notificationUrlAppId": nil,
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}
