package speech

import (
	"strings"
	"sync"
)

// The kinds of words that the grammar of a denial knows, each by the letter with which it
// stands in its shapes. A word of no kind is unknown, and no shape goes over it.
const (
	kindNot     = 'n' // denies the verb: not, never
	kindNo      = 'o' // denies the name behind it: no, none of
	kindNor     = 'j' // goes on with a denial: nor
	kindWithout = 'w'
	kindAsk     = 'a' // a verb of asking that has its subject before it: we request
	kindAsked   = 'p' // asked of the name: requested, necessary
	kindEither  = 'q' // a form that is both
	kindPassive = 's' // a verb that is passive by its ending: bruges
	kindDrop    = 'd' // takes away what follows: remove
	kindDropped = 'x' // taken away: obsolete, out of scope
	kindRemoved = 'y' // a form that is both
	kindGone    = 'g' // taken away, without a verb beside it: entfällt
	kindBe      = 'b'
	kindSelf    = 'v' // makes a passive of the verb behind it: se utiliza
	kindWe      = 'u'
	kindEnough  = 'E'
	kindHave    = 'H'
	kindPlease  = 'P'
	kindLight   = 'l' // articles and words that change nothing
	kindNoun    = 'k' // the permission, the product and its versions
	kindFor     = 'f'
	kindIn      = 't' // where, since when or by whom
	kindIf      = 'c'
	kindOnly    = 'e' // restricts: only, other than
	kindWork    = 'r'
	kindBecause = 'z'
	kindBut     = 'h'
	kindAnd     = '&'
	kindName    = 'm'
	kindUnknown = '?'
)

// lexicon are the words of each kind, in the languages of plans; of two languages' meanings
// the one that doubts more.
var lexicon = sync.OnceValue(func() map[string]byte {
	out := map[string]byte{}
	for _, k := range kinds {
		for w := range strings.FieldsSeq(k.words) {
			out[w] = k.is
		}
	}
	return out
})

// wordsOf are words of one kind.
type wordsOf struct {
	is    byte
	words string
}

var kinds = []wordsOf{
	{kindIf, "if unless until till when whenever where wherever provided once while before falls wenn sofern sobald solange bis soweit si lorsque quand tant sauf " +
		"hvis når medmindre indtil såfremt dersom indien tenzij als jeśli jeżeli caso salvo om-ni"},
	{kindOnly, "beyond other than only just except besides apart further additional less fewer alone solely merely simply nur außer weiteren weitere weiterer weiteres " +
		"anderen andere anderes bloß sei autre autres que qu' seulement uniquement hormis hors andet andre end kun udover undtagen blot bare otro otra otros " +
		"sólo solo excepto dan alleen behalve annat andra än endast bara utom altro altri che tranne outro outra além só apenas exceto tylko inne niż oprócz"},
	{kindNot, "not never nobody nicht nie niemals niemand pas jamais ikke aldrig aldri niet nooit inte ej non não nunca ei"},
	{kindNo, "no none neither kein keine keinen keiner keines keinem weder aucun aucune ningún ninguna ninguno tampoco geen ingen intet inget hverken varken verken " +
		"nessun nessuna nenhum nenhuma żadne żadnych"},
	{kindNor, "nor noch ni ani nem nemmeno"},
	{kindWithout, "without ohne sans sin zonder uden uten utan senza sem bez ilman"},
	{kindBecause, "since because therefore hence so although though weil denn obwohl sodass damit parce car afin puisque fordi idet porque omdat dus want eftersom därför perché " +
		"quindi portanto ponieważ więc dlatego"},
	{kindBut, "but instead however sondern aber stattdessen mais sino pero maar men ma ale lecz"},
	{kindBe, "is are was were be been being has had will shall should must can ist sind wird werden wurde wurden worden war waren kann soll muss est sont était " +
		"étaient sera seront été a ont er bliver blev blevet var kan skal wordt werd zijn är blir har es son está están fue fueron ha han sido è sono viene " +
		"stato stata é são foi jest są została zostało zostały był była"},
	{kindSelf, "se się"},
	{kindAnd, "and or und oder sowie et ou og eller en/of och y e lub oraz &"},
	{kindWe, "we they you it one wir ich man ihr sie nous on je vous ils elles elle il vi jeg nosotros wij ik"},
	{kindFor, "for to um auf nach pour de om för voor para per do di da på"},
	{kindIn, "in by at from as via under par dans depuis en von seit im bei aus vom mit af i fra siden sedan från van sinds desde por od w hos"},
	{kindAsk, "ask asks asking request requests requesting require requires requiring need needs needing use uses using wants wanting receive receives " +
		"hold holds demand demands claim claims fordern fordere beantragen brauchen braucht brauche benötigen benötige nutzen verwenden verwende benutzen " +
		"verlangen verlange erbitten erbittet bitten bittet anfordern demandons demande demandent demandez demander requiert requièrent utilisons utilise " +
		"utilisent utiliser besoin nécessite nécessitent sollicitons sollicite exigeons exige beder bede bruger bruge kræver behøver anvender benytter anmoder " +
		"ønsker ber trenger bruker krever begär använder behöver kräver vragen vraagt gebruiken eisen solicita solicitan solicitamos solicitar pide piden " +
		"pedimos requiere requieren necesita necesitan necesitamos usa usan usamos utiliza utilizan utilizamos chiede chiediamo richiede richiediamo usiamo " +
		"utilizziamo utilizzano pede pedem precisa precisam precisamos requer wymaga wymagamy wymagają potrzebuje potrzebujemy używa używamy żąda żądamy prosi " +
		"prosimy"},
	{kindAsked, "necessary held received wanted demanded included assigned angefordert gefordert gebraucht genutzt erteilt vergeben gewährt erforderlich nötig notwendig " +
		"eingesetzt vorgesehen demandé demandée demandés demandées requis requise requises utilisé utilisée utilisés utilisées nécessaire nécessaires accordé " +
		"accordée accordées accordés exigé exigée octroyée octroyé sollicitée nødvendig nødvendigt nødvendige påkrævet anmodet brugt tildelt givet krævet " +
		"anvendt nødvändig nödvändig nödvändigt nodig vereist gevraagd verleend solicitado solicitada necesario necesaria necesarios necesarias requerido " +
		"requerida utilizado utilizada usado usada concedido concedida richiesto richiesta richieste necessario necessaria necessarie usato usata utilizzato " +
		"utilizzata necessário necessária necessários necessárias pedido pedida wymagane wymagany wymagana potrzebne potrzebna używane używana erforderliche " +
		"benötigte angeforderte"},
	{kindEither, "requested required needed used asked supported granted claimed benötigt verlangt verwendet benutzt beantragt gebruikt"},
	{kindPassive, "occur occurs exist exists gibt bruges kræves anvendes benyttes behøves anmodes gives tildeles trengs brukes kreves behövs används krävs begärs"},
	{kindDrop, "remove removing revoke revoking drop dropping avoid avoids omit uncheck deselect reject refuse entfernen entferne streichen verzichten verzichte " +
		"supprimez supprimer retirez retirer evitons fjern fjerner fjerne verwijder verwijderen elimine eliminar quite quitar rimuovere rimuovi remova usuń " +
		"poista"},
	{kindDropped, "unnecessary unneeded superfluous obsolete unused retired withdrawn discontinued excluded forbidden prohibited disallowed entbehrlich überflüssig " +
		"unnötig gestrichen abgelehnt ausgeschlossen verboten untersagt verzichtet widerrufen inutile superflue superflu interdite interdit exclue exclu " +
		"overflødig unødvendig forbudt innecesario eliminado eliminada retirado retirada prohibido verwijderd overbodig vervallen borttagen borttaget rimosso " +
		"rimossa removido removida usunięte usunięta out-of-scope ungenutzte überflüssige"},
	{kindRemoved, "removed revoked dropped rejected refused omitted deleted replaced entfernt entfernte entfernten ersetzt supprimé supprimée supprimés supprimées retiré " +
		"retirée retirées retirés fjernet fjernede fjernes slettes"},
	{kindGone, "entfällt entfallen"},
	{kindEnough, "enough sufficient suffice suffices genügt genügen reicht reichen ausreichend suffit suffisante nok tilstrækkelig tilstrækkeligt tillräckligt genoeg voldoende basta suficiente sufficiente wystarczy"},
	{kindHave, "have haben habt tem têm tienen tiene avez hebben hebt"},
	{kindPlease, "please bitte veuillez venligst por-favor grant"},
	{kindWork, "work works worked run runs functions operates arbeitet arbeiten funktioniert läuft kommt fonctionne marche tourne virker fungerer kører klarer funciona " +
		"werkt fungerar funziona działa"},
	{kindLight, "set aan the an this that these those such any all both also either currently today now longer more anymore explicitly expressly deliberately does did even " +
		"of following itself der die das den dem des ein eine einen einer einem diese dieser dieses diesen folgenden mehr auch derzeit aktuell zurzeit " +
		"ausdrücklich bewusst deshalb daher dafür hier davon le la les l' un une d' ce cette ces suivantes suivants actuellement explicitement donc n' ne j' det " +
		"længere mere også heller derfor udtrykkeligt disse følgende lenger eens meer het una el los las ya más expresamente längre explicit più o os już"},
	{kindNoun, "auto-generated preset existing old legacy permission permissions scope scopes right rights role roles registration registrations manifest product app apps application applications integration " +
		"connector add-in service solution system release releases version versions feature edition plan document tool delegated delegate graph microsoft api " +
		"consent type level berechtigung berechtigungen recht rechte rolle rollen produkt anwendung anwendungsberechtigung anwendungsberechtigungen " +
		"app-registrierung registrierung dienst lösung fassung delegiert delegierte anbindung autorisation autorisations droit droits rôle produit déléguée " +
		"délégué applicatif tilladelse tilladelser rettighed rettigheder produktet appen løsningen programtilladelse delegeret permiso permisos delegado " +
		"delegada aplicación producto machtiging machtigingen behörighet behörigheter uprawnienie uprawnienia permesso permessi permissão permissões tillatelse " +
		"tillatelser version3 utgave wersji wersja versie"},
}
