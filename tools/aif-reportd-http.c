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
#include "text.h"
#include "waldur.h"

#define TOKEN_MAX 4096

struct aif_http {
    CURL *curl;
    char *url;
    char *token_file;
    char token[TOKEN_MAX];
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
    int fd = open(http->token_file, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc;

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

    http->too_long = length > AIF_WALDUR_BODY_MAX - http->body.length;
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

static int set_options(struct aif_http *http, const struct aif_report_conf *conf)
{
    CURL *curl = http->curl;
    const long timeout = (long)conf->waldur_timeout;
    CURLcode rc = CURLE_OK;

    rc |= curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_TIMEOUT, timeout);
    rc |= curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, timeout);
    rc |= curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
#if LIBCURL_VERSION_NUM >= 0x075500
    rc |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https");
#else
    rc |= curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTPS);
#endif
    rc |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 1L);
    rc |= curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 2L);
    rc |= curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    if (conf->waldur_ca_file)
        rc |= curl_easy_setopt(curl, CURLOPT_CAINFO, conf->waldur_ca_file);
    rc |= curl_easy_setopt(curl, CURLOPT_USERAGENT, "slurm-aif/" PACKAGE_VERSION);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, on_body);
    rc |= curl_easy_setopt(curl, CURLOPT_WRITEDATA, http);
    rc |= curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    rc |= curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, on_progress);
    return rc == CURLE_OK ? 0 : -1;
}

struct aif_http *aif_http_open(const struct aif_report_conf *conf, struct aif_error *err)
{
    struct aif_http *http = calloc(1, sizeof(*http));

    if (http) {
        http->curl = curl_easy_init();
        http->url = strdup(conf->waldur_url);
        http->token_file = strdup(conf->waldur_token_file);
    }
    if (!http || !http->curl || !http->url || !http->token_file || set_options(http, conf) < 0) {
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

static struct curl_slist *headers(const struct aif_http *http, bool post)
{
    char line[TOKEN_MAX + 32];
    struct curl_slist *list = NULL, *longer;

    snprintf(line, sizeof(line), "Authorization: Token %s", http->token);
    list = curl_slist_append(NULL, line);
    explicit_bzero(line, sizeof(line));
    longer = curl_slist_append(list, "Accept: application/json");
    if (longer && post)
        longer = curl_slist_append(longer, "Content-Type: application/json");
    if (longer)
        return longer;
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

static CURLcode transfer(struct aif_http *http, const char *url, const char *payload)
{
    struct curl_slist *list = headers(http, payload != NULL);
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    if (list) {
        curl_easy_setopt(http->curl, CURLOPT_URL, url);
        curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, list);
        if (payload) {
            curl_easy_setopt(http->curl, CURLOPT_POSTFIELDSIZE, (long)strlen(payload));
            curl_easy_setopt(http->curl, CURLOPT_POSTFIELDS, payload);
        } else {
            curl_easy_setopt(http->curl, CURLOPT_HTTPGET, 1L);
        }
        rc = curl_easy_perform(http->curl);
        curl_easy_setopt(http->curl, CURLOPT_HTTPHEADER, NULL);
    }
    curl_slist_free_all(list);
    return rc;
}

void aif_http_request(struct aif_http *http, const char *path, const char *payload,
                      struct aif_http_answer *ret_answer)
{
    struct aif_text url = {0};
    curl_off_t retry_after = 0;
    CURLcode rc = CURLE_OUT_OF_MEMORY;

    *ret_answer = (struct aif_http_answer){0};
    aif_text_free(&http->body);
    http->too_long = false;
    if (aif_text_printf(&url, "%s%s", http->url, path) == 0 && aif_text_append(&http->body, "", 0) == 0)
        rc = transfer(http, url.data, payload);
    aif_text_free(&url);
    if (rc != CURLE_OK) {
        describe(http, rc, ret_answer);
    } else {
        curl_easy_getinfo(http->curl, CURLINFO_RESPONSE_CODE, &ret_answer->status);
        if (curl_easy_getinfo(http->curl, CURLINFO_RETRY_AFTER, &retry_after) == CURLE_OK)
            ret_answer->retry_after = retry_after > AIF_WALDUR_RETRY_AFTER_MAX ? AIF_WALDUR_RETRY_AFTER_MAX
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
