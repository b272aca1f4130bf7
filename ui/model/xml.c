/*
 * Models out of libvirt's XML: <cpu> of a domain or a baseline, host capabilities, domain
 * capabilities. The parser gets no network, no files, and no document type with its entities.
 */
#include "model/format.h"
#include "text/late.h"

#include <libxml/parser.h>
#include <stdio.h>
#include <stdlib.h>

enum { FEATURES = 512, DEPTH = 64, ATTRIBUTES = 100 };

/* A document type is where entities come from; none of libvirt's documents has one. */
static void refuse_doctype(void *context, const xmlChar *name, const xmlChar *external,
                           const xmlChar *system) {
    xmlStopParser(context);
}

static void release(xmlChar *text) {
    xmlFreeFunc function;
    xmlMemGet(&function, NULL, NULL, NULL);
    function(text);
}

static bool is_element(const xmlNode *node, const char *name) {
    return node->type == XML_ELEMENT_NODE && !strcmp((const char *)node->name, name);
}

static const xmlNode *child(const xmlNode *parent, const char *name) {
    for (const xmlNode *node = parent->children; node; node = node->next) {
        if (is_element(node, name)) {
            return node;
        }
    }
    return NULL;
}

/* Writes the attribute, or "" without one; cut to fit. */
static const char *attribute(const xmlNode *node, const char *name, char text[64]) {
    xmlChar *value = xmlGetProp(node, (const xmlChar *)name);
    snprintf(text, 64, "%s", value ? (const char *)value : "");
    release(value);
    return text;
}

static void content(const xmlNode *node, char text[64]) {
    xmlChar *value = xmlNodeGetContent(node);
    size_t skip = value ? strspn((const char *)value, " \t\r\n") : 0;
    snprintf(text, 64, "%s", value ? (const char *)value + skip : "");
    text[strcspn(text, " \t\r\n")] = 0;
    release(value);
}

/*
 * The element that describes a CPU: <cpu> with a model, or of domain capabilities the mode
 * host-model. The first in the document, and how many there are.
 */
static void find_cpu(const xmlNode *node, unsigned depth, const xmlNode **found, unsigned *count) {
    char name[64];
    for (; node && depth < DEPTH; node = node->next) {
        bool mode =
            is_element(node, "mode") && !strcmp(attribute(node, "name", name), "host-model");
        if ((mode || is_element(node, "cpu")) && child(node, "model")) {
            *found = *found ? *found : node;
            ++*count;
        } else if (node->type == XML_ELEMENT_NODE) {
            find_cpu(node->children, depth + 1, found, count);
        }
    }
}

/* A policy of libvirt's to on or off; false when it is none. */
static bool policy_of(const char *policy, const char *name, bool *on,
                      struct zf_model_notes *notes) {
    *on = strcmp(policy, "disable") != 0 && strcmp(policy, "forbid") != 0;
    if (!strcmp(policy, "optional") || !strcmp(policy, "forbid")) {
        zf_note(notes, "policy '%s' of feature '%.40s': assuming %s", policy, name,
                *on ? "on" : "off");
        return true;
    }
    return !*policy || !strcmp(policy, "require") || !strcmp(policy, "force") || !*on;
}

struct cpu {
    char name[64];
    size_t count;
    char feature[FEATURES][64];
    struct zf_manage_property props[FEATURES];
};

static enum zf_status add(struct cpu *cpu, const char *name, bool on, struct zf_error *err) {
    if (cpu->count == FEATURES) {
        return zf_fail(err, ZF_ERROR_FORMAT, "<cpu> has more than %d features", FEATURES);
    }
    char *own = cpu->feature[cpu->count];
    snprintf(own, sizeof cpu->feature[0], "%s", name);
    for (size_t i = 0; i < cpu->count; i++) {
        if (!strcmp(cpu->feature[i], own)) {
            return zf_fail(err, ZF_ERROR_FORMAT, "<cpu> names the feature '%s' more than once",
                           own);
        }
    }
    cpu->props[cpu->count++] = (struct zf_manage_property){own, ZF_MANAGE_BOOL, on, 0, NULL};
    return ZF_OK;
}

static enum zf_status read_features(const xmlNode *element, struct cpu *cpu,
                                    struct zf_model_notes *notes, struct zf_error *err) {
    enum zf_status status = ZF_OK;
    for (const xmlNode *node = element->children; node && status == ZF_OK; node = node->next) {
        char name[64], policy[64];
        bool on;
        if (!is_element(node, "feature")) {
            continue;
        }
        attribute(node, "name", name);
        attribute(node, "policy", policy);
        status = policy_of(policy, name, &on, notes)
                     ? add(cpu, name, on, err)
                     : zf_fail(err, ZF_ERROR_FORMAT,
                               "feature '%s': unknown policy '%s'; known are require, disable, "
                               "force, optional and forbid",
                               name, policy);
    }
    return status;
}

static enum zf_status read_cpu(const xmlNode *element, struct zf_model *model,
                               struct zf_model_notes *notes, struct zf_error *err) {
    struct cpu *cpu = calloc(1, sizeof *cpu);
    const xmlNode *arch = child(element, "arch");
    char text[64];
    if (!cpu) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    content(child(element, "model"), cpu->name);
    enum zf_status status = read_features(element, cpu, notes, err);
    if (status == ZF_OK && *attribute(element, "deprecated_features", text)) {
        status = add(cpu, "deprecated-features", !strcmp(text, "on"), err);
    }
    if (status == ZF_OK && arch) {
        content(arch, text);
        if (strcmp(text, "s390x") != 0) {
            status = zf_fail(err, ZF_ERROR_FORMAT, "<cpu> is for the architecture '%s', not s390x",
                             text);
        }
    }
    if (status == ZF_OK) {
        struct zf_manage_info info = {cpu->name, false, cpu->count, cpu->props};
        status = zf_model_from_info(&info, model, err);
    }
    free(cpu);
    return status;
}

/* Whether something asks for, or is able to give, what libvirt calls maximum. */
static bool has_maximum(const xmlNode *node, unsigned depth) {
    char text[64];
    for (; node && depth < DEPTH; node = node->next) {
        bool mode = is_element(node, "mode") && !strcmp(attribute(node, "name", text), "maximum") &&
                    !strcmp(attribute(node, "supported", text), "yes");
        bool cpu = is_element(node, "cpu") && !strcmp(attribute(node, "mode", text), "maximum");
        if (mode || cpu ||
            (node->type == XML_ELEMENT_NODE && has_maximum(node->children, depth + 1))) {
            return true;
        }
    }
    return false;
}

static enum zf_status read_maximum(const xmlNode *root, struct zf_model *model,
                                   struct zf_model_notes *notes, struct zf_error *err) {
    static const struct zf_manage_info info = {.name = "max"};
    if (!has_maximum(root, 0)) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "XML without a <cpu> that names a <model> (host-model and "
                       "host-passthrough do not; domain capabilities do)");
    }
    zf_note(notes, "it has no host model; assuming 'maximum', the model max");
    return zf_model_from_info(&info, model, err);
}

/*
 * Whether no element has more attributes than any of libvirt's: the parser compares each with each.
 * Attributes are counted by their '=', outside quotes.
 */
static bool has_few_attributes(const char *bytes, size_t size) {
    unsigned count = 0;
    char quote = 0;
    bool in_tag = false;
    for (size_t i = 0; i < size; i++) {
        char c = bytes[i];
        if (c == '<') { /* never in a value */
            in_tag = i + 1 < size && bytes[i + 1] != '!' && bytes[i + 1] != '?';
            quote = 0;
            count = 0;
        } else if (quote) {
            quote = c == quote ? 0 : quote;
        } else if (in_tag && (c == '"' || c == '\'')) {
            quote = c;
        } else if (c == '>') {
            in_tag = false;
        } else if (in_tag && c == '=' && ++count > ATTRIBUTES) {
            return false;
        }
    }
    return true;
}

/* NULL when it is not well formed, or has a document type. */
static xmlDoc *parse(const char *bytes, size_t size) {
    xmlParserCtxt *parser = xmlNewParserCtxt();
    if (!parser) {
        return NULL;
    }
    parser->sax->internalSubset = refuse_doctype;
    xmlDoc *document = xmlCtxtReadMemory(parser, bytes, (int)size, NULL, "UTF-8",
                                         XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING |
                                             XML_PARSE_NOCDATA);
    if (document && !xmlDocGetRootElement(document)) {
        xmlFreeDoc(document);
        document = NULL;
    }
    xmlFreeParserCtxt(parser);
    return document;
}

/* Several <cpu> one after another, as libvirt takes them for a baseline, are no document. */
static xmlDoc *parse_fragment(const char *bytes, size_t size) {
    static const char head[] = "<cpus>", tail[] = "</cpus>";
    char *text = malloc(size + sizeof head + sizeof tail);
    if (!text) {
        return NULL;
    }
    memcpy(text, head, sizeof head - 1);
    memcpy(text + sizeof head - 1, bytes, size);
    memcpy(text + sizeof head - 1 + size, tail, sizeof tail - 1);
    xmlDoc *document = parse(text, size + sizeof head + sizeof tail - 2);
    free(text);
    return document;
}

enum zf_status zf_model_from_xml(const char *bytes, size_t size, struct zf_model *model,
                                 struct zf_model_notes *notes, struct zf_error *err) {
    const xmlNode *element = NULL;
    unsigned count = 0;
    enum zf_status status;
    if (!has_few_attributes(bytes, size)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "XML element with more than %d attributes",
                       ATTRIBUTES);
    }
    status = zf_late_load(ZF_XML_LIBRARY, err);
    if (status != ZF_OK) {
        return status;
    }
    xmlDoc *document = parse(bytes, size);
    document = document ? document : parse_fragment(bytes, size);
    if (!document) {
        return zf_fail(err, ZF_ERROR_FORMAT, "XML is not well formed, or has a DOCTYPE");
    }
    find_cpu(xmlDocGetRootElement(document), 0, &element, &count);
    status = element ? read_cpu(element, model, notes, err)
                     : read_maximum(xmlDocGetRootElement(document), model, notes, err);
    if (count > 1 && status == ZF_OK) {
        zf_note(notes, "using the first of %u CPU descriptions", count);
    }
    xmlFreeDoc(document);
    return status;
}
