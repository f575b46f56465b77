/* parity_server.c - which servers, which versions, who are we there. */
#include "base/text.h"
#include "preflight/parity.h"

static void compare_versions(struct parity *parity) {
    const struct db_identity *a = &parity->sides[0].jobs->identity, *b = &parity->sides[1].jobs->identity;
    int release = parity->sides[0].db->engine->release;
    bool same_release = a->version_number / release == b->version_number / release;
    parity_texts(parity, same_release ? PARITY_INFO : PARITY_WARN, "version", a->version, b->version,
                 same_release ? "the same release with other fixes"
                              : "another release: its planner, its defaults and the speed of its statements may differ");
}

static void compare_roles(struct parity *parity) {
    const char *texts[2];
    for (size_t i = 0; i < 2; i++)
        texts[i] = parity->sides[i].jobs->identity.is_superuser ? "superuser" : "ordinary role";
    parity_texts(parity, PARITY_WARN, "role", texts[0], texts[1],
                 "what the one may do, the other may be refused: infill check says what is missing there");
}

static int compare(struct parity *parity, struct err *err) {
    const struct parity_side *sides = parity->sides;
    const struct db_identity *a = &sides[0].jobs->identity, *b = &sides[1].jobs->identity;
    (void)err;
    if (parity->same_engine && text_equal(a->server, b->server) && text_equal(a->database, b->database))
        parity_say(parity, PARITY_FAIL, "database", a->database, b->database, "look at the URLs of both environments",
                   "both environments are one database: nothing is compared with anything");
    parity_texts(parity, PARITY_FAIL, "engine", sides[0].db->engine->name, sides[1].db->engine->name,
                 "nothing that was proven on one engine is proven on the other; only some of it is compared below");
    if (parity->same_engine)
        compare_versions(parity);
    compare_roles(parity);
    if (parity->same_engine && a->search_path[0] != '\0')
        parity_texts(parity, PARITY_WARN, "search_path", a->search_path, b->search_path,
                     "names without a schema, in the plan and in expressions, may mean something else");
    return 0;
}

const struct parity_item server_parity = {"server", compare};
