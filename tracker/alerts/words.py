"""The words of messages in the languages of their receivers. Clauses, titles and dates stay as the documents have them.

A message takes them by name: `words("fr")["first"]`. Every language has the same names and the same places in braces.
"""

from __future__ import annotations

from collections.abc import Mapping

LANGUAGES = ("en", "fr", "de", "es")

# Each name with its words in the order of LANGUAGES.
TABLE: Mapping[str, tuple[str, str, str, str]] = {
    # ---- subjects ----
    "seen": ("seen {}", "vu le {}", "gesehen am {}", "visto el {}"),
    "clauses": (
        "{} flagged clauses in {} documents",
        "{} clauses signalées dans {} documents",
        "{} markierte Klauseln in {} Dokumenten",
        "{} cláusulas señaladas en {} documentos",
    ),
    "clauses in one": (
        "{} flagged clauses",
        "{} clauses signalées",
        "{} markierte Klauseln",
        "{} cláusulas señaladas",
    ),
    "troubles": (
        "{} things about the watch",
        "{} points sur la surveillance",
        "{} Hinweise zur Überwachung",
        "{} avisos sobre la vigilancia",
    ),
    # ---- an alert ----
    "correction": ("Correction", "Rectification", "Berichtigung", "Rectificación"),
    "not confirmed": (
        "The next check did not confirm what we sent: the text does not read so any more.",
        "Le contrôle suivant n’a pas confirmé notre alerte : le texte ne dit plus cela.",
        "Die nächste Prüfung hat unsere Meldung nicht bestätigt: Der Text lautet nicht mehr so.",
        "La comprobación siguiente no confirmó lo que enviamos: el texto ya no dice eso.",
    ),
    "read again": (
        "We read the stored pages again with a better program or better rules. What we sent was our error: {}",
        "Nous avons relu les pages conservées avec un meilleur programme ou de meilleures règles. "
        "Notre alerte était une erreur : {}",
        "Wir haben die gespeicherten Seiten mit einem besseren Programm oder besseren Regeln neu gelesen. "
        "Unsere Meldung war ein Fehler: {}",
        "Hemos vuelto a leer las páginas guardadas con un programa o unas reglas mejores. "
        "Lo que enviamos fue un error nuestro: {}",
    ),
    "no change": (
        "there was no such change.",
        "il n’y a pas eu de telle modification.",
        "Es gab keine solche Änderung.",
        "no hubo tal cambio.",
    ),
    "no clause": (
        "that change has no such clause on AI.",
        "cette modification ne contient pas de telle clause sur l’IA.",
        "Die Änderung enthält keine solche Klausel zu KI.",
        "ese cambio no contiene tal cláusula sobre IA.",
    ),
    "reads now": (
        "the clause is read as “{}” now.",
        "la clause est désormais lue comme « {} ».",
        "Die Klausel wird jetzt als „{}“ gelesen.",
        "la cláusula se lee ahora como «{}».",
    ),
    "test": ("Test", "Test", "Test", "Prueba"),
    "a test": (
        "Somebody asked for this message to try the channel. The change is real and past; it is no news.",
        "Quelqu’un a demandé ce message pour essayer le canal. La modification est réelle et passée ; "
        "ce n’est pas une nouvelle.",
        "Jemand hat diese Nachricht angefordert, um den Kanal zu prüfen. Die Änderung ist echt und liegt zurück; "
        "sie ist keine Neuigkeit.",
        "Alguien pidió este mensaje para probar el canal. El cambio es real y pasado; no es una novedad.",
    ),
    "unconfirmed": ("Unconfirmed", "Non confirmé", "Unbestätigt", "Sin confirmar"),
    "one check": (
        "One check saw this; the next will confirm it or you get a correction.",
        "Un seul contrôle l’a vu ; le suivant le confirmera, ou vous recevrez une rectification.",
        "Bisher hat es eine Prüfung gesehen; die nächste bestätigt es, oder Sie erhalten eine Berichtigung.",
        "Lo vio una sola comprobación; la siguiente lo confirmará o recibirá una rectificación.",
    ),
    "first": ("First seen", "Vu pour la première fois", "Zuerst gesehen", "Visto por primera vez"),
    "between": ("between {} and {}", "entre {} et {}", "zwischen {} und {}", "entre {} y {}"),
    "by": ("by {}", "au plus tard {}", "spätestens {}", "a más tardar {}"),
    "says": ("The document says", "Le document indique", "Das Dokument sagt", "El documento dice"),
    "dates": (
        "last updated: {}. In force from: {}.",
        "dernière mise à jour : {}. En vigueur à partir de : {}.",
        "zuletzt aktualisiert: {}. In Kraft ab: {}.",
        "última actualización: {}. En vigor desde: {}.",
    ),
    "no date": ("no date", "pas de date", "kein Datum", "sin fecha"),
    "not stated": ("not stated", "non précisé", "nicht angegeben", "no indicado"),
    "silent": (
        " The date that it gives did not move.",
        " La date qu’il donne n’a pas changé.",
        " Das angegebene Datum blieb gleich.",
        " La fecha que da no cambió.",
    ),
    "under": ("Under", "Sous", "Unter", "Bajo"),
    "before": ("Before", "Avant", "Vorher", "Antes"),
    "after": ("After", "Après", "Nachher", "Después"),
    "none": ("no such clause.", "aucune clause de ce type.", "keine solche Klausel.", "ninguna cláusula así."),
    "cut": (
        " (cut here; the archive has the whole clause)",
        " (coupé ici ; l’archive contient la clause entière)",
        " (hier gekürzt; das Archiv enthält die ganze Klausel)",
        " (cortado aquí; el archivo tiene la cláusula entera)",
    ),
    "flag": ("Flag", "Signal", "Markierung", "Señal"),
    "change": ("Whole change", "Modification entière", "Gesamte Änderung", "Cambio completo"),
    "read": ("Read", "Lire", "Lesen", "Leer"),
    "live": ("Live page", "Page en ligne", "Seite im Netz", "Página en línea"),
    "cite": ("To cite", "Pour citer", "Zum Zitieren", "Para citar"),
    "proof": ("Proof to hand out", "Preuve à remettre", "Beleg zum Weitergeben", "Prueba para entregar"),
    "public on": (
        "public from {}",
        "public à partir du {}",
        "öffentlich ab {}",
        "público desde {}",
    ),
    # ---- the end of a message ----
    "more": (
        "and {} more: {}",
        "et {} de plus : {}",
        "und {} weitere: {}",
        "y {} más: {}",
    ),
    "not done": (
        "This says what the text lets happen; it does not show what was done.",
        "Ceci dit ce que le texte permet ; cela ne montre pas ce qui a été fait.",
        "Das sagt, was der Text zulässt; es zeigt nicht, was getan wurde.",
        "Esto dice lo que el texto permite; no muestra lo que se hizo.",
    ),
    "why": (
        "You get this because of an [[alert]] in tracker.toml; take it out there to stop.",
        "Vous recevez ceci à cause d’un [[alert]] dans tracker.toml ; retirez-le pour arrêter.",
        "Sie erhalten dies wegen eines [[alert]] in tracker.toml; entfernen Sie es dort, um es zu beenden.",
        "Recibe esto por un [[alert]] en tracker.toml; quítelo allí para dejar de recibirlo.",
    ),
    # ---- what happened, to what, how ----
    "colon": (": ", " : ", ": ", ": "),
    "added": ("Added", "Ajouté", "Neu", "Añadido"),
    "removed": ("Removed", "Supprimé", "Entfernt", "Eliminado"),
    "reworded": ("Reworded", "Reformulé", "Umformuliert", "Reformulado"),
    "returned": ("Returned", "De retour", "Wieder da", "De vuelta"),
    "other": ("other", "autres", "andere", "otros"),
    "training": ("training", "entraînement", "Training", "entrenamiento"),
    "third-party": (
        "training by third parties",
        "entraînement par des tiers",
        "Training durch Dritte",
        "entrenamiento por terceros",
    ),
    "scraping": ("scraping", "extraction automatisée", "automatisches Auslesen", "extracción automatizada"),
    "likeness": ("voice and likeness", "voix et image", "Stimme und Bildnis", "voz e imagen"),
    "output": ("output", "contenus générés", "erzeugte Inhalte", "contenido generado"),
    "feature": ("AI features", "fonctions d’IA", "KI-Funktionen", "funciones de IA"),
    "labelling": ("labelling", "étiquetage", "Kennzeichnung", "etiquetado"),
    "automated-decision": (
        "automated decisions",
        "décisions automatisées",
        "automatisierte Entscheidungen",
        "decisiones automatizadas",
    ),
    "ai-use": ("use of AI", "usage de l’IA", "Einsatz von KI", "uso de IA"),
    "permits": ("permitted", "permis", "erlaubt", "permitido"),
    "prohibits": ("prohibited", "interdit", "untersagt", "prohibido"),
    "opt-in": ("only with consent", "seulement avec accord", "nur mit Einwilligung", "solo con consentimiento"),
    "opt-out": ("unless objected to", "sauf opposition", "sofern nicht widersprochen", "salvo oposición"),
    "unclear": ("unclear", "pas clair", "unklar", "no está claro"),
    "forbids": ("forbidden to others", "interdit aux autres", "anderen verboten", "prohibido a otros"),
    "allows": ("allowed to others", "permis aux autres", "anderen erlaubt", "permitido a otros"),
    # ---- the watch itself ----
    "gone": ("Page gone", "Page disparue", "Seite verschwunden", "Página desaparecida"),
    "blocked": ("Blocked", "Bloqué", "Blockiert", "Bloqueado"),
    "selector": ("Selection broken", "Sélection cassée", "Auswahl defekt", "Selección rota"),
    "disk": ("Disk nearly full", "Disque presque plein", "Datenträger fast voll", "Disco casi lleno"),
    "silence": (
        "Nothing seen for a day",
        "Rien vu depuis un jour",
        "Seit einem Tag nichts gesehen",
        "Nada visto en un día",
    ),
    "gone remedy": (
        "Find where it is now: tracker add URL --discover. Until then nobody watches it.",
        "Cherchez où elle est : tracker add URL --discover. D’ici là, personne ne la surveille.",
        "Suchen Sie den neuen Ort: tracker add URL --discover. Bis dahin wird sie nicht überwacht.",
        "Busque dónde está ahora: tracker add URL --discover. Hasta entonces nadie la vigila.",
    ),
    "blocked remedy": (
        'Open the page in a browser; "executeClientScripts" in its declaration may help. `tracker status` says more.',
        "Ouvrez la page dans un navigateur ; « executeClientScripts » dans sa déclaration peut aider. "
        "`tracker status` en dit plus.",
        "Öffnen Sie die Seite im Browser; „executeClientScripts“ in der Deklaration kann helfen. "
        "`tracker status` sagt mehr.",
        "Abra la página en un navegador; «executeClientScripts» en su declaración puede ayudar. "
        "`tracker status` dice más.",
    ),
    "selector remedy": (
        "The text is found without it meanwhile. Mend it: tracker repair {}",
        "Le texte est trouvé sans elle entre-temps. Réparez : tracker repair {}",
        "Der Text wird inzwischen ohne sie gefunden. Beheben: tracker repair {}",
        "Mientras tanto el texto se encuentra sin ella. Repárelo: tracker repair {}",
    ),
    "disk remedy": (
        "Free some space: when it is full, nothing can be recorded.",
        "Libérez de la place : une fois plein, plus rien ne peut être enregistré.",
        "Schaffen Sie Platz: Ist er voll, kann nichts mehr aufgezeichnet werden.",
        "Libere espacio: cuando esté lleno no se podrá registrar nada.",
    ),
    "silence remedy": (
        "No document was seen for a day. Check this machine’s connection and `tracker status`.",
        "Aucun document n’a été vu depuis un jour. Vérifiez la connexion et `tracker status`.",
        "Seit einem Tag wurde kein Dokument gesehen. Prüfen Sie die Verbindung und `tracker status`.",
        "No se vio ningún documento en un día. Revise la conexión y `tracker status`.",
    ),
    "test remedy": (
        "Nothing: the watch is well. Somebody asked for this message to try the channel.",
        "Rien : la surveillance va bien. Quelqu’un a demandé ce message pour essayer le canal.",
        "Nichts: Die Überwachung läuft. Jemand hat diese Nachricht angefordert, um den Kanal zu prüfen.",
        "Nada: la vigilancia está bien. Alguien pidió este mensaje para probar el canal.",
    ),
    "since": ("Since", "Depuis", "Seit", "Desde"),
    "detail": ("What was seen", "Ce qui a été vu", "Was gesehen wurde", "Lo que se vio"),
    "remedy": ("What to do", "Que faire", "Was zu tun ist", "Qué hacer"),
    "over": ("Over", "Terminé", "Vorbei", "Resuelto"),
    "is over": ("This is over.", "C’est terminé.", "Das ist vorbei.", "Esto se ha resuelto."),
}


def words(language: str) -> Mapping[str, str]:
    """The words of messages in a language of LANGUAGES, by name."""
    place = LANGUAGES.index(language)
    return {name: said[place] for name, said in TABLE.items()}


def verdict(said: Mapping[str, str], name: str) -> str:
    """A verdict of an alert ("added: training permits, output") in the words of a language."""
    kind, _, subjects = name.partition(": ")
    shown = []
    for subject in filter(None, subjects.split(", ")):
        topic, _, stance = subject.partition(" ")
        shown.append(f"{said.get(topic, topic)} ({said.get(stance, stance)})" if stance else said.get(topic, topic))
    return said["colon"].join(filter(None, (said.get(kind, kind), ", ".join(shown))))
