package entra

// explanations follow Microsoft's list of error codes (graph-facts §1.9, unless
// a comment says otherwise). The code entra.secret_is_id has no number of its
// own: Entra calls it a wrong secret.
func explanations() []explanation {
	out := ofRegistrations()
	out = append(out, ofCredentials()...)
	out = append(out, ofConsent()...)
	out = append(out, ofPolicies()...)
	out = append(out, ofAccounts()...)
	out = append(out, ofSignIns()...)
	return append(out, ofRequests()...)
}

func ofRegistrations() []explanation {
	return []explanation{
		{entra: []int{90002, 50059}, code: "entra.tenant_unknown",
			say: "Entra knows no tenant {tenant}.",
			do:  "Check the tenant's id on Entra's overview page, and that the tenant's cloud is the right one."},
		{entra: []int{90038, 900382}, code: "entra.other_cloud",
			say: "The tenant {tenant} lives in another of Microsoft's clouds.",
			do:  "Name that cloud in the configuration of the tenant."},
		{entra: []int{9001023, 50194}, code: "entra.tenant_shared",
			say: "{tenant} is not one tenant.",
			do:  "Write the tenant's own id or domain; common and organizations do not work for a program."},
		{entra: []int{700016}, code: "entra.app_unknown",
			say: "The tenant {tenant} knows no app with the client id {client}.",
			do:  "Check the client id of the registration {registration}; if it is right, an administrator of the tenant must consent to the app first."},
		{entra: []int{7000229}, code: "entra.principal_missing", // Microsoft's list of error codes
			say: "The app {client} has no enterprise application in the tenant {tenant}.",
			do:  "Have an administrator open the consent link; consenting makes it."},
		{entra: []int{70001, 7000112}, code: "entra.app_disabled",
			say: "The app {client} is disabled.",
			do:  "Enable it under Enterprise applications in the tenant {tenant}. Within 10 minutes it works again; graphwarden connect or graphwarden doctor --online tries at once."},
		{entra: []int{700025}, code: "entra.app_public", stays: true,
			say: "The app {client} is registered as a public client, which has no credential.",
			do:  "Use a registration with the platform Web or none, and switch off Allow public client flows."},
		{entra: []int{50011, 900971, 500112}, code: "entra.redirect_unknown",
			say: "The redirect address of the sign-in is not registered with the app {client}.",
			do:  "Add it under Authentication in the app registration, exactly as graphwarden connect prints it."},
		{entra: []int{9002327, 9002326}, code: "entra.redirect_platform",
			say: "The redirect address of the app {client} is registered for the platform Single-page application.",
			do:  "Move it to the platform Mobile and desktop applications, or to Web if the app has a secret."},
		{entra: []int{50001, 500011, 70011, 1002012, 650057}, code: "entra.resource_unknown",
			say: "The tenant {tenant} does not offer Microsoft Graph to this app.",
			do:  "Check the Graph address of the tenant's cloud in the configuration."},
		{entra: []int{650052, 650056}, code: "entra.registration_wrong",
			say: "The registration of the app {client} asks for permissions of a service that the tenant {tenant} does not have, or is incomplete.",
			do:  "Remove those permissions under API permissions and grant admin consent again."},
	}
}

func ofCredentials() []explanation {
	return []explanation{
		{entra: []int{7000215, 70002}, code: "entra.secret_wrong",
			say: "The client secret of the registration {registration} is wrong.",
			do:  "Make a new client secret in Entra and copy its value at once; it is shown only then."},
		{code: "entra.secret_is_id",
			say: "The client secret of the registration {registration} is the secret's id, not its value.",
			do:  "Copy the column Value, not Secret ID; if the value is no longer shown, make a new client secret."},
		{entra: []int{7000222}, code: "entra.secret_expired",
			say: "The client secret of the registration {registration} has expired.",
			do:  "Make a new client secret in Entra, or better a certificate, and put it into the configuration."},
		{entra: []int{7000218}, code: "entra.secret_missing",
			say: "The registration {registration} signs in without a secret or a certificate.",
			do:  "Name one of them in the configuration, or, for sign-in by people only, switch on Allow public client flows."},
		{entra: []int{700027, 50012, 700021}, code: "entra.certificate_unknown",
			say: "Entra does not know the certificate of the registration {registration}.",
			do:  "Upload its public part to the registration under Certificates & secrets, and compare the thumbprints."},
		{entra: []int{700024}, code: "entra.clock_off",
			say: "Entra refuses the time of the sign-in: {clock}.",
			do:  "Set this computer's clock, best by a time server."},
		{entra: []int{50013, 500133, 500131}, code: "entra.assertion_wrong",
			say: "Entra does not take the token that was to be exchanged for the registration {registration}.",
			do:  "Have the person sign in again, to this app and not to another."},
	}
}

func ofConsent() []explanation {
	return []explanation{
		{entra: []int{90094, 90095, 90093}, code: "entra.consent_admin",
			say: "An administrator of the tenant {tenant} must consent to the app {client}; this person may not.",
			do:  "Send an administrator the consent link that graphwarden connect --guide prints, and have the person sign in again then."},
		{entra: []int{65001}, code: "entra.consent_missing",
			say: "Nobody has consented to the app {client} in the tenant {tenant}.",
			do:  "Have an administrator grant admin consent under Enterprise applications."},
		{entra: []int{65004}, code: "entra.consent_declined", stays: true,
			say: "The person who was asked did not consent to the app {client}.",
			do:  "Tell an administrator what the app is for and which flows need the permissions, then send the consent link again."},
		{entra: []int{50105}, code: "entra.account_unassigned", stays: true,
			say: "The app {client} is only for people who are assigned to it, and this one is not.",
			do:  "Assign the person under Enterprise applications, Users and groups."},
	}
}

func ofPolicies() []explanation {
	return []explanation{
		{entra: []int{53003, 530032, 530034, 530035, 50131}, code: "entra.policy_blocks", stays: true,
			say: "A Conditional Access policy or the security defaults of the tenant {tenant} block the app {client}.",
			do:  "Look up the sign-in in Entra's log (Service principal sign-ins for an app, User sign-ins for a person); it names the policy."},
		{entra: []int{50097, 50129, 53000, 53001, 700003}, code: "entra.device_needed", stays: true,
			say: "A policy of the tenant {tenant} wants the person to sign in on a managed device.",
			do:  "Sign in by authorization code in a browser of such a device, or exclude this app from the policy; a device code cannot prove a device."},
		{entra: []int{53011}, code: "entra.account_risky", stays: true,
			say: "Entra holds the person's account to be at risk.",
			do:  "Have an administrator look at Risky users and dismiss or mend the risk, then sign in again."},
		{entra: []int{50053}, code: "entra.locked_out", stays: true,
			say: "Entra has locked the account, or the address that the sign-ins come from, after too many failures.",
			do:  "Find what signs in with an old password and stop it; the lock ends by itself. Graphwarden does not try again until then."},
		{entra: []int{50196}, code: "entra.looping", stays: true,
			say: "Entra saw the same sign-in of the app {client} again and again and refuses it.",
			do:  "Look for a second program that uses this registration; wait some minutes and connect again."},
	}
}

func ofAccounts() []explanation {
	return []explanation{
		{entra: []int{50034, 50020, 90072, 16000}, code: "entra.account_unknown",
			say: "The person who signed in has no account in the tenant {tenant}.",
			do:  "Choose an account of that tenant, or have the person invited as a guest."},
		{entra: []int{50057}, code: "entra.account_disabled", stays: true,
			say: "The person's account is disabled.",
			do:  "Have an administrator enable it, or connect with another account."},
		{entra: []int{50055}, code: "entra.password_expired", stays: true,
			say: "The person's password has expired.",
			do:  "Have the person set a new one at Microsoft's sign-in page, then connect again."},
		{entra: []int{50126, 50056}, code: "entra.password_wrong", stays: true,
			say: "The name or the password was wrong.",
			do:  "Sign in again by hand; Graphwarden itself knows no passwords."},
	}
}

func ofSignIns() []explanation {
	return []explanation{
		{entra: []int{50072, 50074, 50076, 50078, 50079, 50158}, code: "entra.mfa_needed", stays: true,
			say: "The tenant {tenant} wants the person to confirm the sign-in with a second factor.",
			do:  "Run graphwarden connect for the registration {registration} and sign in again; it cannot be done without the person."},
		{entra: []int{50132, 50133, 50173}, code: "entra.sign_in_revoked", stays: true,
			say: "The sign-in of the registration {registration} was ended: by an administrator, or by a new password.",
			do:  "Run graphwarden connect for it and sign in again."},
		{entra: []int{70008, 700082, 700084, 70043}, code: "entra.sign_in_expired", stays: true,
			say: "The sign-in of the registration {registration} has expired.",
			do:  "Run graphwarden connect for it and sign in again."},
		{entra: []int{50058, 50089, 50140, 50199}, code: "entra.sign_in_interrupted", stays: true,
			say: "The sign-in was interrupted before it was complete.",
			do:  "Run graphwarden connect again and finish it in the browser."},
		{entra: []int{54005}, code: "entra.code_used", stays: true,
			say: "The sign-in's code was redeemed already.",
			do:  "Begin the sign-in anew; if nobody else opened the link, somebody reads what the browser is sent."},
		{entra: []int{70000, 700005}, code: "entra.grant_wrong", stays: true,
			say: "Entra does not take what the registration {registration} signs in with: it was given to another app, tenant or form of sign-in.",
			do:  "Run graphwarden connect for it and sign in again."},
		{entra: []int{70016, 70018, 70019, 70020}, code: "entra.device_code_over", stays: true,
			say: "The device code was not entered in time, or is not known.",
			do:  "Run graphwarden connect again and enter the new code within 15 minutes."},
	}
}

func ofRequests() []explanation {
	return []explanation{
		{entra: []int{501481, 501491, 50147, 50148}, code: "entra.verifier_wrong", stays: true,
			say: "Entra does not take the proof that this sign-in is the one that was begun here.",
			do:  "Begin the sign-in anew; if it happens again, something changes the link on its way to the browser."},
		{entra: []int{700051, 700054, 70003, 70005, 70007, 28002, 700022, 900144, 90014, 9002313, 90023, 9002325}, code: "entra.request_wrong", stays: true,
			say: "Entra does not take the form of the request for the registration {registration}.",
			do:  "This is an error of Graphwarden or of something in between: report it with the line of the log."},
	}
}
