package io.engagementwebhooks.webhook.jq;

import com.fasterxml.jackson.databind.JsonNode;

/** A filter that costs next to nothing: it is neither counted nor nested. */
interface SimpleFilter extends Filter {

    @Override
    default void apply(Env env, JsonNode in, Path at, Output out) {
        run(env, in, at, out);
    }
}
