package io.engagementwebhooks.console;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/** A resource of the Settings pages in the API. */
public interface SettingView {

    /** {@code file} or {@code api}. */
    String managedBy();

    /** Null in a list. */
    DefinedView defined();

    /** The definition of a resource; a missing node if it is not shown. */
    static JsonNode definition(SettingView view) {
        return view.defined() == null || view.defined().definition() == null
                ? MissingNode.getInstance()
                : view.defined().definition();
    }

    /** A view that can show a new key or secret once. */
    interface OfKey extends SettingView {

        /** @param once generated values by member */
        SettingView revealing(Map<String, Object> once);
    }
}
