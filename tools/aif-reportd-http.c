/* aif-reportd-http.c - HTTPS with libcurl; see aif-reportd.h */
#include "config.h"

#include <curl/curl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "aif-reportd.h"
#include "delivery.h"
#include "text.h"

#define TOKEN_MAX 4096

struct aif_http {
    CURL *curl;
    char *url;
    char *token_file;
    char token[TOKEN_MAX];
    const char *scheme; /* of the Authorization header */
    struct aif_text body; /* of the answer that is coming in */
    bool too_long;
};

static int read_token_fd(int fd, char *ret_token, const char *path, struct aif_error *err)
{
    struct stat st;
    ssize_t length;

    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
        return aif_error_set(err, AIF_EIO, "%s: not a regular file", path);
    if (st.st_mode & 07)
        return aif_error_set(err, AIF_EINVAL, "%s: mode is %04o; the token must not be open to everybody", path,
                             (unsigned)st.st_mode & 07777);
    length = read(fd, ret_token, TOKEN_MAX - 1);
    if (length < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", path, strerror(errno));
    while (length && strchr(" \t\r\n", ret_token[length - 1]))
        length--;
    ret_token[length] = '\0';
    for (ssize_t i = 0; i < length; i++)
        if (ret_token[i] <= ' ' || ret_token[i] >= 127)
            return aif_error_set(err, AIF_EINVAL, "%s: not one line with a token", path);
    return length ? 0 : aif_error_set(err, AIF_EINVAL, "%s: is empty", path);
}

int aif_http_read_token(struct aif_http *http, struct aif_error *err)
{
    char token[TOKEN_MAX];
    int fd, rc;

    if (!http->token_file)
        return 0;
    fd = open(http->token_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return aif_error_set(err, AIF_EIO, "%s: %s", http->token_file, strerror(errno));
    rc = read_token_fd(fd, token, http->token_file, err);
    close(fd);
    if (rc == 0)
        memcpy(http->token, token, sizeof(token));
    explicit_bzero(token, sizeof(token));
    return rc;
}

static size_t on_body(char *data, size_t size, size_t count, void *arg)
{
    struct aif_http *http = arg;
    const size_t length = size * count;

    http->too_long = length > AIF_DELIVERY_BODY_MAX - http->body.length;
    if (http->too_long || aif_text_append(&http->body, data, length) < 0)
        return 0;
    return length;
}

/* Nonzero ends the transfer: a stopped reporter does not wait for a slow service. */
static int on_progress(void *arg, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    (void)arg;
    (void)a;
    (void)b;
    (void)c;
    (void)d;
    return aif_reportd_stopping();
}

static CURLcode set_certificates(CURL *curl, const struct aif_sink_conf *conf)
{
    CURLcode rc = curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);

    rc |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    rc |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (conf->ca_file)
        rc |= curl_easy_setopt(curl, CURLOPT_CAINFO, conf->ca_file);
    if (conf->cert_file) {
        rc |= curl_easy_setopt(curl, CURLOPT_SSLCERT, conf->cert_file);
        rc |= curl_easy_setopt(curl, CURLOPT_SSLKEY, conf->key_file);
    }
    return rc;
}

static int set_options(struct aif_http *http, const struct aif_sink_conf *conf)
{
    CURL *curl = http->curl;
    const long timeout = (long)conf->timeout;
    CURLcode rc = set_certificates(curl, conf);

    rc |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout);
    rc |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, timeout);
    rc |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
    rc |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
#else
    rc |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
    /* On a connection that is used again, a stray second answer would be taken for that of the next request. */
    rc |= curl_easy_setopt(curl, CURLOPT_FORBID_REUSE, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "slurm-aif/" PACKAGE_VERSION);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    rc |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    rc |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    return rc == CURLE_OK ? 0 : -1;
}

struct aif_http *aif_http_open(const struct aif_sink_conf *conf, struct aif_error *err)
{
    struct aif_http *http = calloc(1, sizeof(*http));

    if (http) {
        http->curl = curl_easy_init();
        http->url = strdup(conf->url);
        http->scheme = conf->type == AIF_SINK_WALDUR ? "Token" : "Bearer";
        if (conf->token_file)
            http->token_file = strdup(conf->token_file);
    }
    if (!http || !http->curl || !http->url || !http->token_file != !conf->token_file || set_options(http, conf) < 0) {
        aif_error_set(err, AIF_ENOMEM, "cannot set up libcurl");
    } else if (aif_http_read_token(http, err) == 0) {
        return http;
    }
    aif_http_close(http);
    return NULL;
}

void aif_http_close(struct aif_http *http)
{
    if (!http)
        return;
    curl_easy_cleanup(http->curl);
    aif_text_free(&http->body);
    free(http->url);
    free(http->token_file);
    explicit_bzero(http->token, sizeof(http->token));
    free(http);
}

/* Append to *list; false when memory is out. */
static bool add_header(struct curl_slist **list, const char *line)
{
    struct curl_slist *longer = curl_slist_append(*list, line);

    if (longer)
        *list = longer;
    return longer != NULL;
}

static bool add_token(const struct aif_http *http, struct curl_slist **list)
{
    char line[TOKEN_MAX + 32];
    bool added;

    if (!http->token_file)
        return true;
    snprintf(line, sizeof(line), "Authorization: %s %s", http->scheme, http->token);
    added = add_header(list, line);
    explicit_bzero(line, sizeof(line));
    return added;
}

static struct curl_slist *headers(const struct aif_http *http, const struct aif_http_call *call)
{
    struct curl_slist *list = NULL;

    if (add_token(http, &list) && add_header(&list, "Accept: application/json") &&
        (!call->payload || add_header(&list, "Content-Type: application/json")) &&
        (!call->header || add_header(&list, call->header)))
        return list;
    curl_slist_free_all(list);
    return NULL;
}

static void describe(const struct aif_http *http, CURLcode rc, struct aif_http_answer *answer)
{
    const char *why = http->too_long ? "the answer is longer than allowed" : curl_easy_strerror(rc);

    answer->status = 0;
    answer->untrusted = rc == CURLE_PEER_FAILED_VERIFICATION || rc == CURLE_SSL_CACERT_BADFILE ||
                        rc == CURLE_SSL_ISSUER_ERROR;
    snprintf(answer->failure, sizeof(answer->failure), "%s", why);
}

static CURLcode transfer(struct aif_http *http, const char *url, const struct aif_http_call *call)
{
    struct curl_slist *list = headers(http, call);
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    if (list) {
        curl_easy_setopt(http->curl, CURLOPT_URL, url);
        curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, list);
        if (call->payload) {
            curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(call->payload));
            curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, call->payload);
        } else {
            curl_easy_setopt(http->curl, CURLOPT_HTTPGET, 1L);
        }
        curl_easy_setopt(http->curl, CURLOPT_CUSTOMREQUEST, call->method);
        rc = curl_easy_perform(http->curl);
        curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    }
    curl_slist_free_all(list);
    return rc;
}

void aif_http_request(struct aif_http *http, const struct aif_http_call *call, struct aif_http_answer *ret_answer)
{
    struct aif_text url = {0};
    curl_off_t retry_after = 0;
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    *ret_answer = (struct aif_http_answer){0};
    aif_text_free(&http->body);
    http->too_long = false;
    if (aif_text_printf(&url, "%s%s", http->url, call->path) == 0 && aif_text_append(&http->body, "", 0) == 0)
        rc = transfer(http, url.data, call);
    aif_text_free(&url);
    if (rc != CURLE_OK) {
        describe(http, rc, ret_answer);
    } else {
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
        if (curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK)
            ret_answer->retry_after = retry_after > AIF_DELIVERY_RETRY_AFTER_MAX ? AIF_DELIVERY_RETRY_AFTER_MAX
                                                                               : (long)retry_after;
        ret_answer->body = http->body.data;
        ret_answer->length = http->body.length;
        http->body = (struct aif_text){0};
    }
}

void aif_http_answer_free(struct aif_http_answer *answer)
{
    free(answer->body);
    answer->body = NULL;
}
