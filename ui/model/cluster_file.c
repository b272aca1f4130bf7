/*
 * Files of hosts and their models, as text or JSON.
 */
#include "model/cluster_file.h"

#include "model/format.h"
#include "text/input.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

enum { FILE_LIMIT = 1 << 22 };

static enum zf_status add_host(struct zf_cluster *cluster, const char *name, size_t name_length,
                               const char *model, size_t model_length, struct zf_error *err) {
    if (!name_length || name_length >= ZF_HOST_NAME_LENGTH) {
        return zf_fail(err, ZF_ERROR_FORMAT, "'%.*s': a host name has 1 to %d characters",
                       (int)(name_length < 80 ? name_length : 80), name, ZF_HOST_NAME_LENGTH - 1);
    }
    if (!model_length || model_length >= ZF_HOST_MODEL_LENGTH) {
        return zf_fail(err, ZF_ERROR_FORMAT, "host '%.*s' has %s model", (int)name_length, name,
                       model_length ? "too long a" : "no");
    }
    for (unsigned i = 0; i < cluster->count; i++) {
        if (!strncmp(cluster->hosts[i].name, name, name_length) &&
            !cluster->hosts[i].name[name_length]) {
            return zf_fail(err, ZF_ERROR_FORMAT, "host '%.*s' is listed twice", (int)name_length,
                           name);
        }
    }
    if (cluster->count == ZF_CLUSTER_HOSTS) {
        return zf_fail(err, ZF_ERROR_FORMAT, "more than %d hosts", ZF_CLUSTER_HOSTS);
    }
    struct zf_host *host = &cluster->hosts[cluster->count++];
    snprintf(host->name, sizeof host->name, "%.*s", (int)name_length, name);
    snprintf(host->model, sizeof host->model, "%.*s", (int)model_length, model);
    return ZF_OK;
}

static enum zf_status add_json_host(struct zf_cluster *cluster, const json_t *name,
                                    const json_t *model, struct zf_error *err) {
    const char *text = json_string_value(model);
    char *dump = json_is_object(model) ? json_dumps(model, JSON_COMPACT) : NULL;
    enum zf_status status = ZF_ERROR_FORMAT;
    if (!json_is_string(name) || (!text && !dump)) {
        zf_fail(err, ZF_ERROR_FORMAT,
                "a host needs a name and a model, which is a string or {name, props}");
    } else {
        text = text ? text : dump;
        status = add_host(cluster, json_string_value(name), json_string_length(name), text,
                          strlen(text), err);
    }
    free(dump);
    return status;
}

static enum zf_status add_json_hosts(struct zf_cluster *cluster, const json_t *hosts,
                                     struct zf_error *err) {
    enum zf_status status = ZF_OK;
    const char *key;
    json_t *value;
    size_t i;
    if (!json_is_object(hosts) && !json_is_array(hosts)) {
        return zf_fail(err, ZF_ERROR_FORMAT, "JSON lacks \"hosts\", an object or a list");
    }
    json_object_foreach((json_t *)hosts, key, value) {
        json_t *name = json_string(key);
        status = status == ZF_OK ? add_json_host(cluster, name, value, err) : status;
        json_decref(name);
    }
    json_array_foreach(hosts, i, value) {
        if (status == ZF_OK) {
            status = add_json_host(cluster, json_object_get(value, "name"),
                                   json_object_get(value, "model"), err);
        }
    }
    return status;
}

static enum zf_status parse_json(const char *text, size_t size, struct zf_cluster *cluster,
                                 struct zf_error *err) {
    json_error_t error;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root) {
        return zf_fail(err, ZF_ERROR_FORMAT, "JSON: %s, at line %d", error.text, error.line);
    }
    enum zf_status status = add_json_hosts(cluster, json_object_get(root, "hosts"), err);
    json_decref(root);
    return status;
}

static enum zf_status parse_line(const char *line, size_t length, unsigned number,
                                 struct zf_cluster *cluster, struct zf_error *err) {
    static const char blanks[] = " \t\r\n";
    struct zf_error inner;
    size_t used = strcspn(line, "#\n");
    length = used < length ? used : length;
    size_t start = strspn(line, " \t\r");
    if (start >= length) {
        return ZF_OK;
    }
    size_t name = strcspn(line + start, blanks);
    size_t model = start + name + strspn(line + start + name, " \t");
    size_t end = model + strcspn(line + model, blanks);
    size_t rest = end + strspn(line + end, " \t\r");
    end = end < length ? end : length;
    if (add_host(cluster, line + start, name, line + model, model < end ? end - model : 0,
                 &inner) != ZF_OK) {
        return zf_fail(err, ZF_ERROR_FORMAT, "line %u: %s", number, inner.message);
    }
    if (rest < length) {
        return zf_fail(err, ZF_ERROR_FORMAT,
                       "line %u: unexpected text after the model of host '%s'", number,
                       cluster->hosts[cluster->count - 1].name);
    }
    return ZF_OK;
}

static enum zf_status parse_text(const char *text, struct zf_cluster *cluster,
                                 struct zf_error *err) {
    unsigned number = 1;
    while (*text) {
        size_t length = strcspn(text, "\n");
        enum zf_status status = parse_line(text, length, number++, cluster, err);
        if (status != ZF_OK) {
            return status;
        }
        text += length + (text[length] == '\n');
    }
    return ZF_OK;
}

enum zf_status zf_cluster_parse(const char *text, size_t size, struct zf_cluster *cluster,
                                struct zf_error *err) {
    cluster->count = 0;
    cluster->hosts = calloc(ZF_CLUSTER_HOSTS, sizeof *cluster->hosts);
    if (!cluster->hosts) {
        return zf_fail(err, ZF_ERROR_MEMORY, "out of memory");
    }
    enum zf_status status = text[strspn(text, " \t\r\n")] == '{'
                                ? parse_json(text, size, cluster, err)
                                : parse_text(text, cluster, err);
    if (status == ZF_OK && !cluster->count) {
        status = zf_fail(err, ZF_ERROR_FORMAT, "contains no hosts");
    }
    return status;
}

static void find_folder(const char *name, struct zf_cluster *cluster) {
    const char *slash = strrchr(name, '/');
    snprintf(cluster->folder, sizeof cluster->folder, "%.*s", slash ? (int)(slash + 1 - name) : 0,
             name);
}

enum zf_status zf_cluster_read(const char *name, struct zf_cluster *cluster, struct zf_error *err) {
    struct zf_error inner;
    char *text = zf_input_text(name, FILE_LIMIT, err);
    *cluster = (struct zf_cluster){0};
    find_folder(name, cluster);
    if (!text) {
        return err->status;
    }
    enum zf_status status = zf_cluster_parse(text, strlen(text), cluster, &inner);
    if (status != ZF_OK) {
        zf_fail(err, inner.status, "%s: %s", name, inner.message);
    }
    free(text);
    return status;
}

enum zf_status zf_host_model(const struct zf_cluster *cluster, const struct zf_host *host,
                             struct zf_model_input *input, struct zf_error *err) {
    struct zf_error inner;
    char word[2 * ZF_HOST_MODEL_LENGTH];
    enum zf_status status;
    if (host->model[0] == '{') {
        input->notes.count = 0;
        status = zf_model_from_bytes(host->model, strlen(host->model), &input->model, &input->notes,
                                     &inner);
        if (status == ZF_OK) {
            zf_model_check(&input->model, &input->warnings);
        }
    } else {
        bool relative = host->model[0] == '@' && host->model[1] != '/';
        snprintf(word, sizeof word, "%s%s%s", relative ? "@" : "", relative ? cluster->folder : "",
                 host->model + relative);
        status = zf_model_read(word, false, input, &inner);
    }
    if (status != ZF_OK) {
        return zf_fail(err, status, "host '%s': %s", host->name, inner.message);
    }
    snprintf(input->label, sizeof input->label, "%s", host->name);
    return ZF_OK;
}
