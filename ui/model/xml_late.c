/* What is used of libxml2, which is loaded when the first XML is read. */
#include "text/late.h"

#include <libxml/parser.h>

#define LATE(type, name, parameters, arguments)                                                    \
    ZF_LATE(ZF_XML_LIBRARY, type, name, parameters, arguments)

LATE(xmlParserCtxt *, xmlNewParserCtxt, (void), ())
LATE(xmlDoc *, xmlCtxtReadMemory,
     (xmlParserCtxt * parser, const char *bytes, int size, const char *url, const char *encoding,
      int options),
     (parser, bytes, size, url, encoding, options))
LATE(xmlNode *, xmlDocGetRootElement, (const xmlDoc *document), (document))
LATE(xmlChar *, xmlGetProp, (const xmlNode *node, const xmlChar *name), (node, name))
LATE(xmlChar *, xmlNodeGetContent, (const xmlNode *node), (node))
LATE(int, xmlMemGet,
     (xmlFreeFunc * release, xmlMallocFunc *allocate, xmlReallocFunc *move, xmlStrdupFunc *copy),
     (release, allocate, move, copy))
LATE(void, xmlStopParser, (xmlParserCtxt * parser), (parser))
LATE(void, xmlFreeDoc, (xmlDoc * document), (document))
LATE(void, xmlFreeParserCtxt, (xmlParserCtxt * parser), (parser))
