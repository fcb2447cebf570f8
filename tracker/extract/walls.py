"""What pages say that are not the document: walls, errors, logins, shells. Phrases of several languages.

A phrase counts only on a short page, near its top: terms speak of captchas and logins, too.
"""

from __future__ import annotations

import re

SHORT = 400  # words; no wall is longer
VERY_SHORT = 150  # words; here a phrase counts wherever it stands …
TINY = 60  # … and one that terms use, too, here
WEAK = frozenset({"login", "consent", "shell"})

ERROR = re.compile(
    r"application error: a (?:client|server)-side exception|this page (?:isn['’]t|is not) available"
    r"|unexpected error (?:has )?occurred"
    r"|something went wrong|internal server error|an error (?:has )?occurred|server error|page (?:not|cannot be"
    r"|can['’]t be|could not be) found"
    r"|(?:could ?n['’]t|cannot|can['’]t|could not) (?:find|be found|load) (?:this|that|the|your) page|page (?:you"
    r"|that you).{0,60}(?:not exist|not found|be found|moved)"
    r"|(?:error|erreur|fehler|status)\W{0,3}(?:4\d\d|5\d\d)\b|^\W*(?:4\d\d|5\d\d)\b.{0,40}(?:error|found"
    r"|unavailable|forbidden|gateway|denied)"
    r"|bad gateway|gateway time-?out|service (?:is )?(?:temporarily )?unavailable|temporarily unavailable"
    r"|currently unavailable|unavailable at the moment"
    r"|(?:down|closed|unavailable) for (?:scheduled )?maintenance|under (?:scheduled )?maintenance"
    r"|scheduled maintenance|en (?:cours de )?maintenance|wartungsarbeiten|en mantenimiento|in manutenzione"
    r"|em manutenção"
    r"|taking (?:a while|longer than (?:usual|expected)) to|prend plus de temps|you(?:['’]re| are|['’]ve gone"
    r"| appear to be) offline|no internet connection|check your (?:internet )?connection|try reloading"
    r"|contains the following errors|error on line \d+ at column|malformed xml|too many requests"
    r"|request could not be satisfied|site can['’]t be reached"
    r"|page introuvable|page n['’]existe pas|page (?:est )?indisponible|service (?:est )?(?:momentanément "
    r"|temporairement )?indisponible|erreur (?:est survenue|s['’]est produite|inattendue|interne)"
    r"|(?:nombre|nombreux|affluence).{0,60}(?:connexions|utilisateurs|réessayer)|seite (?:wurde )?nicht gefunden"
    r"|fehler ist aufgetreten|nicht erreichbar|vorübergehend nicht"
    r"|página no (?:encontrada|existe|disponible)|se ha producido un error|ha ocurrido un error|algo (?:salió"
    r"|ha salido) mal"
    r"|pagina non (?:trovata|disponibile|esiste)|si è verificato un errore|página não (?:encontrada|existe)"
    r"|ocorreu um erro|algo deu errado"
    r"|pagina (?:is )?niet (?:gevonden|beschikbaar)|er is (?:iets|een fout)|nie znaleziono|wystąpił błąd"
    r"|strona nie istnieje|sidan (?:kunde inte|hittades inte)|siden (?:blev ikke|ble ikke|findes ikke)"
    r"|страница не найдена|произошла ошибка|ページが見つかりません"
    r"|エラーが発生|页面不存在|页面未找到|出错了|服务器错误|페이지를 찾을 수 없"
    r"|sayfa bulunamadı"
    r"|bir hata oluştu|stránka nebyla nalezena",
    re.I,
)
BOT = re.compile(
    r"just a moment\W*$|just a moment\.\.\.|verify(?:ing)? (?:that )?you(?:['’]re| are) (?:a )?(?:human"
    r"|not a (?:ro)?bot)|checking (?:if the site connection is secure|your browser)"
    r"|attention required!|javascript and cookies to continue|unusual (?:traffic|activity)|are you (?:a )?(?:robot"
    r"|human)|not a robot|(?:complete|solve|enter).{0,40}captcha"
    r"|(?:access|request) (?:to this page )?(?:has been |was |is )?(?:denied|blocked)|you (?:have been|are being"
    r"|were) blocked|you don['’]t have permission to access"
    r"|403 forbidden|ddos protection|pardon our interruption|(?:performing|additional) (?:a )?security (?:check"
    r"|verification)|security check to (?:access|continue)"
    r"|powered and protected by|incapsula incident|press (?:&|and) hold|bot (?:detection|protection)"
    r"|human verification|automated (?:access|queries|requests)"
    r"|error occurred while processing your request\W+reference|accès (?:refusé|interdit|bloqué)|vérifi(?:ez|er"
    r"|cation) que vous êtes (?:un )?humain|zugriff (?:verweigert|blockiert)|ein mensch (?:sind|bist)"
    r"|acceso denegado|accesso negato|acesso negado|toegang geweigerd|odmowa dostępu|доступ (?:запрещен|ограничен)"
    r"|アクセスが拒否|访问被拒绝|人机验证|安全验证|접근이 거부",
    re.I,
)
LOGIN = re.compile(
    r"(?:log|sign) ?in to (?:continue|your account|view|see|access)|(?:must|need to|please|have to) (?:be )?(?:log"
    r"|logged|sign|signed)[ -]?in\b|session (?:has )?expired|forgot(?:ten)? (?:your )?password"
    r"|(?:create|open) an? (?:new )?account|connectez-vous (?:pour|à)|veuillez vous connecter|mot de passe oublié"
    r"|(?:bitte )?(?:melden? sie sich|loggen sie sich|einloggen).{0,20}(?:an|ein)?\b.{0,20}um|passwort vergessen"
    r"|inici(?:a|e|ar) sesión para|olvidaste tu contraseña|accedi per|password dimenticata|inicie sessão"
    r"|esqueceu (?:a|sua) senha|wachtwoord vergeten|zaloguj się|войдите|パスワードをお忘れ|忘记密码|登录",
    re.I,
)
CONSENT = re.compile(
    r"before you continue|(?:we|us) and our (?:\d+ )?(?:partners|vendors).{0,80}(?:store|process|use|access)"
    r"|(?:confirm|verify) (?:that you are|your) (?:over |at least )?(?:18|age)|age (?:verification|gate|check)"
    r"|are you (?:over |at least )?(?:18|21)"
    r"|you must be (?:over |at least )?(?:18|21)\b.{0,40}\b(?:enter|view|see|visit|access|continue|proceed)"
    r"|avant de continuer|nous et nos (?:\d+ )?partenaires"
    r"|bevor sie (?:fortfahren|weiter)|wir und unsere (?:\d+ )?partner|antes de continuar|prima di continuare"
    r"|voordat je verdergaat"
    r"|(?:accept|agree).{0,60}(?:to continue|to proceed|to access|to enter)|mature content|sensitive content"
    r"|(?:vérifi|confirm)\w+ (?:votre|que vous avez) (?:âge|18)|altersverifikation|altersprüfung",
    re.I,
)
SCRIPT = re.compile(
    r"(?:enable|activate|turn on|requires?|without|need).{0,30}java ?script|java ?script.{0,40}(?:is (?:required"
    r"|disabled|not)|enabled?|to run|not available|activ)|(?:activer|activez|activé).{0,20}javascript"
    r"|javascript.{0,40}(?:aktivieren|deaktiviert|desactiva|habilit|abilit|activé|inschakelen|włącz)"
    r"|loading\W{0,3}$|please wait|(?:veuillez|merci de) patienter|chargement|wird geladen|bitte warten|cargando"
    r"|caricamento|carregando|you should be redirected|redirecting (?:to|you)|redirection",
    re.I,
)
PHRASES = (("bot-wall", BOT), ("error-page", ERROR), ("login", LOGIN), ("consent", CONSENT), ("shell", SCRIPT))


def said(title: str, text: str, words: int) -> list[str]:
    """The signals ("bot-wall", "error-page", "login", "consent", "shell") that a short page's own words give.

    `text` is all that the page shows, menus included; `words` its number of words. A long page gives none, whatever it
    says.
    """
    if words >= SHORT:
        return []
    found = []
    for signal, pattern in PHRASES:
        everywhere = words < (TINY if signal in WEAK else VERY_SHORT)
        start = text[: 3000 if everywhere else 300]
        if pattern.search(title[:300]) or ((signal not in WEAK or words < VERY_SHORT) and pattern.search(start)):
            found.append(signal)
    return found
