package read

import (
	"sync"

	"github.com/graphwarden/graphwarden/assess/find"
	"github.com/graphwarden/graphwarden/assess/speech"
)

// optional are the words that make an alternative of what follows.
func optional() []speech.Words {
	return []speech.Words{
		{"en", `alternativ\w*|optional\w*|if you (?:use|want|need|have|enable|do not|don't)|only (?:if|when|for)|when (?:using|the)|add-on|or else|prefer|may use`},
		{"de", `alternativ\w*|optional\w*|falls|wenn sie|stattdessen|nur (?:wenn|falls|für|mit)`},
		{"fr", `facultati\w*|si vous (?:utilis|souhait|activ)\w*|seulement (?:si|avec|pour)|uniquement (?:si|avec|pour)`},
		{"es", `opcional\w*|si (?:utiliza|desea|trabaja|usa)|s[oó]lo (?:si|con|para)`},
		{"nl", `optione\w*|als u|alleen (?:als|met|voor)`},
		{"da", `valgfri\w*|hvis|kun (?:hvis|med|ved)`},
		{"sv", `valfri\w*|om ni|endast (?:om|med|för)`},
		{"no", `valgfri\w*|bare (?:hvis|med|for)`},
		{"it", `facoltativ\w*|se (?:usa|si usa)|solo (?:se|con|per)`},
		{"pt", `opcional\w*|se (?:usar|utilizar|quiser)|só (?:se|para|com)|apenas (?:se|para|com)`},
		{"pl", `opcjonaln\w*|tylko (?:z|dla|gdy|jeśli)|wystarczy`},
		{"fi", `valinnai\w*|vain jos`},
		{"ja", `任意|オプション`},
		{"ar", `اختياري`},
	}
}

// optionalBehind are the words that make an alternative of what they follow.
func optionalBehind() []speech.Words {
	return []speech.Words{
		{"en", `optional\w*|alternativ\w*|if (?:you|the|your)|only (?:if|when|with)|when (?:using|the)|add-on`},
		{"de", `optional\w*|falls|wenn sie|nur (?:wenn|falls|mit)`},
		{"fr", `facultati\w*|seulement (?:si|avec)|uniquement (?:si|avec)|si vous (?:utilis|souhait|activ)\w*`},
		{"es", `opcional\w*|s[oó]lo (?:si|con)`},
		{"nl", `optione\w*|alleen (?:als|met)`},
		{"da", `valgfri\w*|hvis|kun (?:hvis|med|ved)`},
		{"sv", `valfri\w*|endast (?:om|med)`},
		{"it", `facoltativ\w*|solo (?:se|con)`},
		{"pt", `opcional\w*|só (?:se|para|com)|apenas (?:se|para|com)`},
		{"pl", `opcjonaln\w*|tylko (?:z|dla|gdy|jeśli)`},
		{"ja", `任意|オプション|場合のみ`},
		{"any", `\binstead(?:$|[.,;)])`},
	}
}

// former are the words of examples and of history.
func former() []speech.Words {
	return []speech.Words{
		{"en", `for (?:example|instance)|e\.g\.|examples?:|sample|previously|(?:earlier|older|previous|before) (?:versions?|releases?)(?: \S+)?|formerly|in the past|used to|microsoft (?:documents|explains|describes)`},
		{"de", `beispiel|z\. ?b\.|früher\w*|frühere versionen`},
		{"fr", `par exemple|exemple|auparavant|versions? (?:antérieures?|précédentes?)`},
		{"es", `por ejemplo|ejemplo|versiones? anterior\w*`},
		{"nl", `bijvoorbeeld|voorheen|vroeger`},
		{"da", `f\.eks\.|til eksempel|for eksempel|tidligere|brugte`},
		{"sv", `till exempel|t\.ex\.|tidigare`},
		{"no", `for eksempel|tidligere`},
		{"it", `ad esempio|in precedenza`},
		{"pt", `por exemplo|versões anteriores|anteriormente`},
		{"pl", `na przykład|wcześniej\w*|poprzedni\w*`},
		{"any", `\bunlike (?:the )?$`},
		{"ja", `例えば|以前の|のように|従来の`},
	}
}

// instead are the words before what is to be replaced.
func instead() []speech.Words {
	return []speech.Words{
		{"en", `instead of|rather than|in place of|may replace|can replace|over`},
		{"de", `statt|anstatt|anstelle von|anstelle`},
		{"fr", `au lieu de|plutôt que`},
		{"es", `en lugar de|en vez de`},
		{"nl", `in plaats van`},
		{"da", `i stedet for`},
		{"sv", `i stället för|istället för`},
		{"it", `invece di`},
		{"pt", `em vez d[eoa]`},
		{"pl", `zamiast`},
	}
}

// swaps are the words before what goes, to make room for another.
func swaps() []speech.Words {
	return []speech.Words{
		{"en", `replac(?:e|es|ed|ing)|swap`}, {"de", `ersetz\w*`}, {"fr", `remplac\w*`}, {"es", `reemplaz\w*|sustitu\w*`}, {"nl", `vervang\w*`},
		{"da", `erstat\w*`}, {"sv", `ersätt\w*|byt`}, {"it", `sostitu\w*`}, {"pt", `substitu\w*`}, {"pl", `zastąp\w*`},
	}
}

// conditional are the words by which a sentence begins that holds for some only.
func conditional() []speech.Words {
	return []speech.Words{
		{"en", `if|for customers who|customers who`}, {"de", `wenn|falls|sofern`}, {"fr", `si (?:vous|votre|un|une)|lorsque`}, {"es", `si (?:usa|utiliza|trabaja|desea|tiene|su)`},
		{"nl", `als (?:u|je)|indien`}, {"da", `hvis|(?:har|vil|bruger) i`}, {"sv", `om ni|använder ni`}, {"no", `hvis|dersom`}, {"it", `se (?:si|usa|usate|non)`},
		{"pt", `se (?:usar|utiliz\w*|quiser|não)|caso`}, {"pl", `jeżeli|jeśli`},
	}
}

// every are the words of a sentence that speaks of all permissions.
func every() []speech.Words {
	return []speech.Words{
		{"en", `all|every|both|each`}, {"de", `alle|sämtliche|beide`}, {"fr", `toutes?|tous`}, {"es", `tod[oa]s`}, {"nl", `alle`},
		{"da", `alle|samtlige`}, {"sv", `alla|samtliga`}, {"it", `tutt[ei]`}, {"pt", `tod[oa]s`}, {"pl", `wszystkie`}, {"any", `すべて`},
	}
}

// shows are the words by which people say what stands on a screen.
func shows() []speech.Words {
	return []speech.Words{
		{"en", `shows?|see|displays?`}, {"de", `zeigt|anzeigt|sehen`}, {"fr", `affiche|voyez`}, {"es", `muestra|ve`}, {"nl", `toont|ziet`},
		{"da", `viser|ser`}, {"sv", `visar|ser`}, {"it", `mostra|vedi`}, {"pt", `mostra|aparece`}, {"pl", `widzisz|pokazuje`},
	}
}

// which are the words of a question that is answered with a list.
func which() []speech.Words {
	return []speech.Words{
		{"en", `which|what`}, {"de", `welche`}, {"fr", `quel(?:le)?s`}, {"es", `qué|cuáles`}, {"nl", `welke`}, {"da", `hvilke`}, {"sv", `vilka`},
		{"it", `quali`}, {"pt", `quais|que`}, {"pl", `jakie`}, {"any", `どの`},
	}
}

// why are the words of a question for a reason.
func why() []speech.Words {
	return []speech.Words{
		{"en", `why`}, {"de", `warum|weshalb|wieso`}, {"fr", `pourquoi`}, {"es", `por qué`}, {"nl", `waarom`}, {"da", `hvorfor`}, {"sv", `varför`},
		{"it", `perch`}, {"pt", `por ?que`}, {"pl", `dlaczego`}, {"any", `なぜ|لماذا`},
	}
}

// mine are the words of a delegated permission.
func mine() []speech.Words {
	return []speech.Words{
		{"en", `delegated|delegate (?:permission|scope)s?|signed[- ]in user|on behalf of (?:a|the) user|connect-mggraph`},
		{"any", `delegiert|délégu|deleguj|delegad|\bdelegat[eio]\b|delegowan|gedelegeerd|delegere[dt]|delegert|delegerad|delegoid|委任|委派|위임|делегир|المفوضة|مفوضة`},
	}
}

// itsOwn are the words of an application permission.
func itsOwn() []speech.Words {
	return []speech.Words{
		{"any", `\btypp?e?: ?(?:application|anwendung|applikation)|\((?:jeweils |both |all |each |type )?(?:application|anwendung|aplicación|aplicação|applicazione|toepassing|aplikacja|app)\)|\[application\]|application:`},
		{"en", `application[- ](?:level )?(?:permission|scope|right|type|grant)s?|permissions? of (?:the )?type application|type application|app[- ]only|app[- ]?roles?|type: ?application|as application|(?:signs? in|runs?|acts?) as an application|daemon|client credentials|without a (?:signed-in )?user`},
		{"en", `are (?:all )?application`},
		{"any", `role \(application|anwendungs(?:berechtigung|recht)|applikations(?:berechtigung|recht|tilladelse|behörighet)|autorisations? (?:de l'|d')application|permissions? (?:de l'|d')application|permisos? de (?:la )?aplicaci|programtilladelse|apptilladelse|toepassings(?:machtiging|recht)|applicatie(?:machtiging|recht)|autorizzazion[ei] (?:dell'|di |per l')?applicazion[ei]|permess[oi] (?:dell'|di )applicazione|permiss(?:ões|ão) d[eoa] aplica|programbehörighet|programtillatelse|applikasjonstillatelse|uprawnieni[ae] aplikacji|sovellusoikeu|sovelluksen käyttöoikeu|アプリケーションの|应用程序权限|응용 프로그램 권한|разрешени[ея] приложен|أذونات التطبيق`},
	}
}

// cues are the words in the form in which they are looked for.
type cues struct {
	delegated, application, either             *find.Pattern
	typeDelegated, typeApplication             *find.Pattern
	optional, optionalBehind                   *find.Pattern
	former, instead, conditional, every, swaps *find.Pattern
	why, which, shows                          *find.Pattern
	exchangeRole                               *find.Pattern
}

var signs = sync.OnceValue(func() cues {
	return cues{
		delegated: speech.Pattern(mine()), application: speech.Pattern(itsOwn()), either: speech.Pattern(append(mine(), itsOwn()...)),
		typeDelegated:   find.Lower(`^\W*(?:scopes?\b|user$|users?[- ]consent|on behalf)`),
		typeApplication: find.Lower(`^\W*(?:application|app\b|app[- ]|roles?\b|anwendung|applikation|aplicaci|aplica[çt]|applicazione|toepassing|applicatie|program|sovellus|aplikacj|アプリ|应用|приложен|تطبيق|daemon)`),
		optional:        speech.Pattern(optional()), optionalBehind: speech.Pattern(optionalBehind()),
		former: speech.Pattern(former()), instead: speech.Pattern(instead()), swaps: speech.Pattern(swaps()), conditional: speech.Pattern(conditional()), every: speech.Pattern(every()), why: speech.Pattern(why()), which: speech.Pattern(which()), shows: speech.Pattern(shows()),
		exchangeRole: find.Lower(`\bapplication $|(?:^|[^p] )role $|-role\s+"?application $|exchange[^.]{0,30}role[^.]{0,20}$`),
	}
})
