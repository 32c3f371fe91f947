//! Feeds API 2021-06-30: models, `feeds_2021-06-30.json`, and "Feeds API v2021-06-30 Use Case Guide".

use super::listings::issue;
use super::{Amazon, MARKETPLACE, SELLER, fault};
use crate::http::{Request, Response};
use crate::json::at;
use crate::marketplace::Now;
use crate::moment::utc;
use serde_json::{Value, json};

type Answer = Result<Response, Response>;

/// "This URL expires after 5 minutes."
const URL_MS: i64 = 5 * 60_000;

/// What was uploaded, or became of it.
#[derive(Debug)]
pub(super) struct Document {
    bytes: Vec<u8>,
    open_until: Now,
    compressed: bool,
}

/// A feed.
#[derive(Debug)]
pub(super) struct Feed {
    input: String,
    created: Now,
    report: Option<String>,
}

impl Amazon {
    /// `createFeedDocument`: 0.5 a second, burst 15.
    pub(super) fn make_document(&mut self, request: &Request, now: Now) -> Answer {
        self.takes("createFeedDocument", 0.5, 15.0, now)?;
        if request.json().is_none_or(|body| !at(&body, "contentType").is_string()) {
            return Err(fault(400, "InvalidInput", "'contentType' is required."));
        }
        let id = self.next("amzn1.tortuga.4.doc");
        let document = Document { bytes: Vec::new(), open_until: Now(now.0 + URL_MS), compressed: false };
        self.documents.insert(id.clone(), document);
        Ok(Response::json(201, &json!({ "feedDocumentId": id, "url": url(request, &id) })))
    }

    /// The presigned address of a document.
    pub(super) fn stored(&mut self, request: &Request, id: &str, now: Now) -> Response {
        let Some(document) = self.documents.get_mut(id).filter(|document| now <= document.open_until) else {
            return Response::bytes(
                403,
                "application/xml",
                b"<Error><Code>AccessDenied</Code></Error>".to_vec(),
            );
        };
        // An address that is signed takes no other credentials.
        if request.header("x-amz-access-token").is_some() {
            return Response::bytes(
                400,
                "application/xml",
                b"<Error><Code>InvalidArgument</Code></Error>".to_vec(),
            );
        }
        if request.method == "GET" {
            return Response::bytes(200, "application/octet-stream", document.bytes.clone());
        }
        document.bytes.clone_from(&request.body);
        Response::empty(200)
    }

    /// `createFeed`: 0.0083 a second, burst 15.
    pub(super) fn make_feed(&mut self, request: &Request, now: Now) -> Answer {
        self.takes("createFeed", 0.0083, 15.0, now)?;
        let body = request.json().unwrap_or_default();
        let input = at(&body, "inputFeedDocumentId").as_str().filter(|id| self.documents.contains_key(*id));
        let Some(input) = input else {
            return Err(fault(400, "InvalidInput", "Invalid 'inputFeedDocumentId' provided."));
        };
        if at(&body, "feedType") != "JSON_LISTINGS_FEED"
            || *at(&body, "marketplaceIds") != json!([MARKETPLACE])
        {
            return Err(fault(400, "InvalidInput", "Invalid 'feedType' or 'marketplaceIds' provided."));
        }
        let feed = Feed { input: input.to_owned(), created: now, report: None };
        let id = self.next("feed").replace('-', "");
        self.feeds.insert(id.clone(), feed);
        Ok(Response::json(202, &json!({ "feedId": id })))
    }

    /// `getFeed`: 2 a second, burst 15.
    pub(super) fn get_feed(&mut self, id: &str, now: Now) -> Answer {
        self.takes("getFeed", 2.0, 15.0, now)?;
        let missing = || fault(404, "NOT_FOUND", "Feed not found.");
        let feed = self.feeds.get(id).ok_or_else(missing)?;
        let (created, is_due) = (feed.created, now.0 >= feed.created.0 + self.feed_ms);
        if is_due && feed.report.is_none() {
            self.work(id, now);
        }
        let feed = self.feeds.get(id).ok_or_else(missing)?;
        let status = if is_due { "DONE" } else { "IN_PROGRESS" };
        let mut answer = json!({
            "feedId": id, "feedType": "JSON_LISTINGS_FEED", "marketplaceIds": [MARKETPLACE],
            "createdTime": utc(created), "processingStatus": status,
        });
        if let (Some(fields), Some(report)) = (answer.as_object_mut(), &feed.report) {
            fields.insert("resultFeedDocumentId".to_owned(), json!(report));
        }
        Ok(Response::json(200, &answer))
    }

    /// `getFeedDocument`: 0.0222 a second, burst 10.
    pub(super) fn get_document(&mut self, request: &Request, id: &str, now: Now) -> Answer {
        self.takes("getFeedDocument", 0.0222, 10.0, now)?;
        let document =
            self.documents.get_mut(id).ok_or_else(|| fault(404, "NOT_FOUND", "Document not found."))?;
        document.open_until = Now(now.0 + URL_MS);
        let mut answer = json!({ "feedDocumentId": id, "url": url(request, id) });
        if document.compressed
            && let Some(fields) = answer.as_object_mut()
        {
            fields.insert("compressionAlgorithm".to_owned(), json!("GZIP"));
        }
        Ok(Response::json(200, &answer))
    }

    /// Works a feed off, message by message, and writes its report ("JSON_LISTINGS_FEED": header, messages; issues and a summary come back).
    fn work(&mut self, id: &str, now: Now) {
        let input = self.feeds.get(id).and_then(|feed| self.documents.get(&feed.input));
        let input: Value =
            input.and_then(|input| serde_json::from_slice(&input.bytes).ok()).unwrap_or_default();
        let (mut issues, mut accepted, mut processed) = (Vec::new(), 0, 0);
        let header = at(&input, "header");
        let is_ours = at(header, "sellerId") == SELLER && at(header, "version") == "2.0";
        for message in at(&input, "messages").as_array().into_iter().flatten().filter(|_| is_ours) {
            processed += 1;
            let sku = at(message, "sku").as_str().unwrap_or_default();
            let outcome = match at(message, "operationType").as_str() {
                Some("PATCH") => self.apply(sku, at(message, "patches"), Some(now)),
                _ => Err(issue("4000003", "'operationType' is not supported here.", &[])),
            };
            match outcome {
                Ok(()) => accepted += 1,
                Err(mut issue) => {
                    if let Some(fields) = issue.as_object_mut() {
                        fields.insert("messageId".to_owned(), at(message, "messageId").clone());
                        fields.insert("sku".to_owned(), json!(sku));
                    }
                    issues.push(issue);
                }
            }
        }
        let summary = json!({
            "errors": issues.len(), "warnings": 0, "messagesProcessed": processed, "messagesAccepted": accepted,
            "messagesInvalid": issues.len(),
        });
        let report = json!({ "header": { "sellerId": SELLER, "version": "2.0", "feedId": id }, "issues": issues, "summary": summary });
        let report_id = self.next("amzn1.tortuga.4.report");
        let compressed = self.compresses;
        let bytes = report.to_string().into_bytes();
        let bytes = if compressed { gzip(&bytes) } else { bytes };
        self.documents.insert(report_id.clone(), Document { bytes, open_until: now, compressed });
        if let Some(feed) = self.feeds.get_mut(id) {
            feed.report = Some(report_id);
        }
    }
}

fn url(request: &Request, id: &str) -> String {
    let scheme = if request.secure { "https" } else { "http" };
    format!("{scheme}://{}/feed-documents/{id}?X-Amz-Expires=300&X-Amz-Signature=sim", request.host)
}

/// gzip (RFC 1952) in stored blocks (RFC 1951, section 3.2.4).
fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    let mut blocks = bytes.chunks(0xffff).peekable();
    while let Some(block) = blocks.next() {
        let length = u16::try_from(block.len()).unwrap_or(u16::MAX);
        packed.push(u8::from(blocks.peek().is_none()));
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    packed.extend(crc32(bytes).to_le_bytes());
    packed.extend(u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes());
    packed
}

fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, byte: &u8| {
        (0..8).fold(
            crc ^ u32::from(*byte),
            |crc, _| if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 },
        )
    };
    !bytes.iter().fold(u32::MAX, step)
}

#[cfg(test)]
mod tests {
    #[test]
    fn checksums() {
        assert_eq!(super::crc32(b"123456789"), 0xCBF4_3926);
        assert_eq!(super::gzip(&vec![7; 70_000]).len(), 10 + 2 * 5 + 70_000 + 8);
    }
}
