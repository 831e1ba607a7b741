/*
 * nft: what nft(8) does, by its library, for what is rare.
 *
 * Kernel object  tables, chains and rules
 * Side           host
 * Needs          CAP_NET_ADMIN over the network namespace; libnftables
 * Look at it     nft list ruleset
 */
#include "nft.h"

#include <dlfcn.h>
#include <errno.h>
#include <nftables/libnftables.h>
#include <string.h>

struct nft {
    void *handle;
    struct nft_ctx *(*ctx_new)(uint32_t flags);
    void (*ctx_free)(struct nft_ctx *ctx);
    int (*buffer_output)(struct nft_ctx *ctx);
    int (*buffer_error)(struct nft_ctx *ctx);
    const char *(*output)(struct nft_ctx *ctx);
    const char *(*error)(struct nft_ctx *ctx);
    int (*run)(struct nft_ctx *ctx, const char *commands);
};

static int load(struct nft *nft, struct failure *why)
{
    void *handle = dlopen("libnftables.so.1", RTLD_NOW | RTLD_LOCAL);

    *nft = (struct nft){.handle = handle};
    if (handle == NULL) {
        fail(why, 0, "load libnftables: %s", dlerror());
        return -1;
    }
    nft->ctx_new = dlsym(handle, "nft_ctx_new");
    nft->ctx_free = dlsym(handle, "nft_ctx_free");
    nft->buffer_output = dlsym(handle, "nft_ctx_buffer_output");
    nft->buffer_error = dlsym(handle, "nft_ctx_buffer_error");
    nft->output = dlsym(handle, "nft_ctx_get_output_buffer");
    nft->error = dlsym(handle, "nft_ctx_get_error_buffer");
    nft->run = dlsym(handle, "nft_run_cmd_from_buffer");
    if (nft->ctx_new && nft->ctx_free && nft->buffer_output &&
        nft->buffer_error && nft->output && nft->error && nft->run)
        return 0;
    fail(why, 0, "load libnftables: it is not the one we know");
    return -1;
}

int nft_run(const char *commands, char **text, struct failure *why)
{
    struct nft nft;

    if (load(&nft, why) < 0)
        return -1;
    struct nft_ctx *ctx = nft.ctx_new(NFT_CTX_DEFAULT);
    if (ctx == NULL) {
        (void)dlclose(nft.handle);
        return fail(why, ENOMEM, "talk to nftables");
    }
    nft.buffer_output(ctx);
    nft.buffer_error(ctx);
    int status = nft.run(ctx, commands);
    if (status != 0)
        status = fail(why, 0, "nft: %s", nft.error(ctx));
    else if (text != NULL)
        *text = strdup(nft.output(ctx));
    nft.ctx_free(ctx);
    /* It is a megabyte, and a monitor that has made the table stays. */
    (void)dlclose(nft.handle);
    return status;
}
