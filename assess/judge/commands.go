package judge

import (
	"regexp"
	"slices"
	"strings"
)

// roleCommands is a management role of Exchange with commands that it holds.
type roleCommands struct {
	role     string
	commands string // parted by spaces
}

// exchangeCommands are commands of Exchange Online that products run, each with the
// narrowest built-in management role that is known to hold it. Sources: for rights on mailboxes
// and for calendar processing MicrosoftDocs/OfficeDocs-Exchange issue 434 and the roles that
// Microsoft365DSC lists (EXOCalendarProcessing); the others after what the roles are described
// to be for, not checked command by command. Get-ManagementRole -Cmdlet says what holds in a
// tenant.
func exchangeCommands() []roleCommands {
	return []roleCommands{
		{"Mail Recipients", `Add-MailboxPermission Remove-MailboxPermission
			Add-MailboxFolderPermission Set-MailboxFolderPermission Remove-MailboxFolderPermission
			Set-Mailbox Set-CASMailbox Set-CalendarProcessing Set-MailboxAutoReplyConfiguration Set-MailboxRegionalConfiguration
			Set-User Set-MailUser Set-MailContact Set-Contact`},
		{"Mail Recipient Creation", `New-Mailbox Remove-Mailbox New-MailUser Remove-MailUser New-MailContact Remove-MailContact`},
		{"Distribution Groups", `New-DistributionGroup Set-DistributionGroup Remove-DistributionGroup Add-DistributionGroupMember
			Remove-DistributionGroupMember Update-DistributionGroupMember New-DynamicDistributionGroup Set-DynamicDistributionGroup`},
		{"Transport Rules", `New-TransportRule Set-TransportRule Remove-TransportRule Enable-TransportRule Disable-TransportRule`},
		{"View-Only Recipients", `Get-Mailbox Get-EXOMailbox Get-MailboxStatistics Get-EXOMailboxStatistics Get-MailboxPermission Get-EXOMailboxPermission
			Get-MailboxFolderPermission Get-EXOMailboxFolderPermission Get-Recipient Get-EXORecipient
			Get-CASMailbox Get-EXOCASMailbox Get-CalendarProcessing Get-DistributionGroup Get-DistributionGroupMember Get-MailUser Get-MailContact`},
		{"View-Only Configuration", `Get-AdminAuditLogConfig Get-OrganizationConfig Get-TransportRule Get-AcceptedDomain`},
		{"View-Only Audit Logs", `Search-UnifiedAuditLog`},
	}
}

// commandRole is the management role that holds a command; "" for what is none that is
// known.
func commandRole(operation string) string {
	for _, r := range exchangeCommands() {
		if slices.Contains(strings.Fields(r.commands), operation) {
			return r.role
		}
	}
	return ""
}

// commandWords are all known commands, as a pattern.
func commandWords() string {
	var all []string
	for _, r := range exchangeCommands() {
		for _, c := range strings.Fields(r.commands) {
			all = append(all, commandWord(c))
		}
	}
	return strings.Join(all, "|")
}

// commandDeeds are the commands that are named, each by itself.
func commandDeeds() []deed {
	var out []deed
	for _, r := range exchangeCommands() {
		for _, c := range strings.Fields(r.commands) {
			out = append(out, told(commandWord(c), c))
		}
	}
	return out
}

func commandWord(command string) string { return `\b` + regexp.QuoteMeta(command) + `\b` }
