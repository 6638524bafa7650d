package flow

// Names are the kinds of flow that a configuration may name.
func Names() []string {
	return []string{Calendar().Name(), Presence(PresenceWants{}).Name(), MailSend(Least).Name(), Through(nil).Name()}
}
