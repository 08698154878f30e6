package io.engagementwebhooks.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.engagementwebhooks.api.definition.DefinedView;
import io.engagementwebhooks.api.definition.UsedBy;
import java.util.Map;

/** A resource of the Settings pages in the API. */
public interface SettingView {

    /** Unique among those of its kind in the account. */
    String name();

    /** {@code file} or {@code api}; of an event type {@code product} too. */
    String managedBy();

    /** Null for event types in a list. */
    DefinedView defined();

    /** The webhooks that use it, or null: none can. */
    default UsedBy usedBy() {
        return null;
    }

    /** The definition of a resource; a missing node if it is not shown. */
    static JsonNode definition(SettingView view) {
        return view.defined() == null
                ? MissingNode.getInstance()
                : view.defined().json();
    }

    /** A view that can show a new key or secret once. */
    interface OfKey extends SettingView {

        /** @param once generated values by member */
        SettingView revealing(Map<String, Object> once);
    }
}
