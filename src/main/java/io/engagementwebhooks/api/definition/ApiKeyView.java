package io.engagementwebhooks.api.definition;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.engagementwebhooks.api.SettingView;
import java.util.Map;

/**
 * An API key in the API.
 *
 * @param role ingest, read or admin
 * @param lastUsedAt when it was last used, or null
 * @param until when it ends, or null
 * @param ended whether it has ended
 * @param key in the response to its creation only, otherwise left out
 */
public record ApiKeyView(
        String id,
        String name,
        String role,
        String lastUsedAt,
        String until,
        boolean ended,
        @JsonInclude(JsonInclude.Include.NON_NULL) String key,
        String managedBy,
        @JsonUnwrapped DefinedView defined)
        implements SettingView.OfKey {

    @Override
    public SettingView revealing(Map<String, Object> once) {
        return new ApiKeyView(id, name, role, lastUsedAt, until, ended, (String) once.get("key"), managedBy, defined);
    }

    /** Leaves out the key. */
    @Override
    public String toString() {
        return "API key " + name;
    }
}
