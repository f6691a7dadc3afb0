//! Sends what was found to where people look: SNS topics and webhooks.
