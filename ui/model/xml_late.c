/* What is used of libxml2, which is loaded when the first XML is read. */
#include "text/late.h"

#include <libxml/parser.h>

#define LATE(type, name, parameters, arguments)                                                    \
    ZF_LATE(ZF_XML_LIBRARY, type, name, parameters, arguments)

LATE(xmlParserCtxt *, xmlNewParserCtxt, (void), ())
LATE(xmlDoc *, xmlCtxtReadMemory,
     (xmlParserCtxt * ctxt, const char *buffer, int size, const char *URL, const char *encoding,
      int options),
     (ctxt, buffer, size, URL, encoding, options))
LATE(xmlNode *, xmlDocGetRootElement, (const xmlDoc *doc), (doc))
LATE(xmlChar *, xmlGetProp, (const xmlNode *node, const xmlChar *name), (node, name))
LATE(xmlChar *, xmlNodeGetContent, (const xmlNode *cur), (cur))
LATE(int, xmlMemGet,
     (xmlFreeFunc * freeFunc, xmlMallocFunc *mallocFunc, xmlReallocFunc *reallocFunc,
      xmlStrdupFunc *strdupFunc),
     (freeFunc, mallocFunc, reallocFunc, strdupFunc))
LATE(void, xmlStopParser, (xmlParserCtxt * ctxt), (ctxt))
LATE(void, xmlFreeDoc, (xmlDoc * cur), (cur))
LATE(void, xmlFreeParserCtxt, (xmlParserCtxt * ctxt), (ctxt))
