//! Calls to the proxy-wasm host (ABI 0.2.1), each with a `Result`.

#![expect(unsafe_code, reason = "the ABI is a set of foreign functions; each is wrapped once, here")]

use countersign_core::{service::Dispatch, session::Length};
use proxy_wasm::hostcalls;
use std::time::Duration;

/// The host said no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refused;

type Outcome<T> = Result<T, Refused>;

/// `proxy_map_type_t`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Map {
    Request = 0,
    Response = 2,
    ResponseTrailers = 3,
    CallResponse = 6,
}

/// `proxy_buffer_type_t`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Buffer {
    RequestBody = 0,
    ResponseBody = 1,
    CallResponseBody = 4,
    PluginConfiguration = 7,
}

/// `proxy_metric_type_t`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    Counter = 0,
    Gauge = 1,
    Histogram = 2,
}

/// `proxy_log_level_t`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Level {
    Info = 2,
    Error = 4,
}

#[link(wasm_import_module = "env")]
unsafe extern "C" {
    fn proxy_log(level: u32, text: *const u8, size: usize) -> u32;
    fn proxy_get_current_time_nanoseconds(time: *mut u64) -> u32;
    fn proxy_set_tick_period_milliseconds(period: u32) -> u32;
    fn proxy_set_effective_context(context: u32) -> u32;
    fn proxy_get_header_map_pairs(map: u32, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_remove_header_map_value(map: u32, key: *const u8, key_size: usize) -> u32;
    fn proxy_get_buffer_bytes(
        buffer: u32,
        start: usize,
        most: usize,
        data: *mut *mut u8,
        size: *mut usize,
    ) -> u32;
    fn proxy_set_buffer_bytes(buffer: u32, start: usize, most: usize, data: *const u8, size: usize) -> u32;
    fn proxy_replace_header_map_value(
        map: u32,
        key: *const u8,
        key_size: usize,
        value: *const u8,
        value_size: usize,
    ) -> u32;
    fn proxy_get_property(path: *const u8, path_size: usize, data: *mut *mut u8, size: *mut usize) -> u32;
    fn proxy_set_property(path: *const u8, path_size: usize, data: *const u8, size: usize) -> u32;
    fn proxy_continue_stream(stream: u32) -> u32;
    fn proxy_send_local_response(
        status: u32,
        details: *const u8,
        details_size: usize,
        body: *const u8,
        body_size: usize,
        headers: *const u8,
        headers_size: usize,
        grpc_status: i32,
    ) -> u32;
    fn proxy_define_metric(kind: u32, name: *const u8, name_size: usize, id: *mut u32) -> u32;
    fn proxy_increment_metric(id: u32, by: i64) -> u32;
    fn proxy_record_metric(id: u32, value: u64) -> u32;
}

#[link(wasm_import_module = "wasi_snapshot_preview1")]
unsafe extern "C" {
    fn random_get(buffer: *mut u8, size: usize) -> u32;
}

/// More than any buffer holds: the host takes what there is.
pub(crate) const ALL: usize = 0x7fff_ffff;

fn done(status: u32) -> Outcome<()> {
    if status == 0 { Ok(()) } else { Err(Refused) }
}

/// Takes over the bytes that the host allocated with our allocator. No bytes are no pointer.
fn taken(status: u32, data: *mut u8, size: usize) -> Outcome<Vec<u8>> {
    done(status)?;
    if data.is_null() || size == 0 {
        return Ok(Vec::new());
    }
    // SAFETY: on success the host has written `size` bytes to memory it got from `proxy_on_memory_allocate`, which the
    // SDK backs with a `Vec` of exactly this capacity, and gives up its claim to them.
    Ok(unsafe { own(data, size) })
}

/// # Safety
/// `data` must come from a `Vec<u8>` of capacity `size` that was given up, with all bytes written.
#[expect(
    clippy::same_length_and_capacity,
    reason = "the SDK allocates exactly what the host asks for, and it is full"
)]
unsafe fn own(data: *mut u8, size: usize) -> Vec<u8> {
    // SAFETY: as the caller promises.
    unsafe { Vec::from_raw_parts(data, size, size) }
}

/// Prints a line through the proxy's log.
pub(crate) fn log(level: Level, text: &str) {
    // SAFETY: pointer and length are those of `text`, which outlives the call. A log that refuses has nobody to tell.
    let _status = unsafe { proxy_log(level as u32, text.as_ptr(), text.len()) };
}

/// Nanoseconds since the Unix epoch.
pub(crate) fn unix_ns() -> u64 {
    let mut time = 0;
    // SAFETY: the host writes eight bytes to `time`.
    let _status = unsafe { proxy_get_current_time_nanoseconds(&raw mut time) };
    time
}

/// Asks for `on_tick`.
pub(crate) fn tick_every(ms: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    done(unsafe { proxy_set_tick_period_milliseconds(ms) })
}

/// Lets the following calls speak of another context.
pub(crate) fn act_as(context: u32) -> Outcome<()> {
    // SAFETY: no pointers.
    done(unsafe { proxy_set_effective_context(context) })
}

/// A header map in the host's own encoding.
pub(crate) fn header_pairs(map: Map) -> Outcome<Vec<u8>> {
    let (mut data, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the host writes a pointer and a size to these two places.
    let status = unsafe { proxy_get_header_map_pairs(map as u32, &raw mut data, &raw mut size) };
    taken(status, data, size)
}

/// Removes every value of a header.
pub(crate) fn remove_header(map: Map, name: &str) -> Outcome<()> {
    // SAFETY: pointer and length are those of `name`.
    done(unsafe { proxy_remove_header_map_value(map as u32, name.as_ptr(), name.len()) })
}

/// Sets a header to one value.
pub(crate) fn set_header(map: Map, name: &str, value: &str) -> Outcome<()> {
    // SAFETY: every pointer goes with the length of the same text, and both outlive the call.
    done(unsafe {
        proxy_replace_header_map_value(map as u32, name.as_ptr(), name.len(), value.as_ptr(), value.len())
    })
}

/// At most `most` bytes of a buffer, from its start.
pub(crate) fn buffer(buffer: Buffer, most: usize) -> Outcome<Vec<u8>> {
    let (mut data, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: the host writes a pointer and a size to these two places.
    let status = unsafe { proxy_get_buffer_bytes(buffer as u32, 0, most, &raw mut data, &raw mut size) };
    taken(status, data, size)
}

/// Puts another body into the place of a whole buffered one. The proxy does not mend `content-length` itself.
pub(crate) fn replace_body(buffer: Buffer, body: &[u8]) -> Outcome<()> {
    // SAFETY: pointer and length are those of `body`, which outlives the call.
    done(unsafe { proxy_set_buffer_bytes(buffer as u32, 0, ALL, body.as_ptr(), body.len()) })
}

/// Forwards another request body; only while the whole one is buffered.
pub(crate) fn replace_request_body(body: &[u8], length: Length) -> Outcome<()> {
    match length {
        Length::Framed => {}
        Length::Declared => set_header(Map::Request, "content-length", &body.len().to_string())?,
    }
    replace_body(Buffer::RequestBody, body)
}

/// A property of the stream or the proxy.
pub(crate) fn property(path: &[&str]) -> Outcome<Vec<u8>> {
    let path = path.join("\0");
    let (mut data, mut size) = (std::ptr::null_mut(), 0);
    // SAFETY: `path` outlives the call; the host writes a pointer and a size to the other two places.
    let status = unsafe { proxy_get_property(path.as_ptr(), path.len(), &raw mut data, &raw mut size) };
    taken(status, data, size)
}

/// Writes filter state under `wasm.<name>`; only names of one part can be read back (`envoy.md` 7).
pub(crate) fn set_state(name: &str, value: &str) -> Outcome<()> {
    // SAFETY: pointers and lengths are those of `name` and `value`.
    done(unsafe { proxy_set_property(name.as_ptr(), name.len(), value.as_ptr(), value.len()) })
}

/// Lets the request of the effective context go on.
pub(crate) fn resume_request() -> Outcome<()> {
    // SAFETY: no pointers. 0 is the request.
    done(unsafe { proxy_continue_stream(0) })
}

/// Answers instead of forwarding.
pub(crate) fn reply(
    status: u16,
    headers: &[(&'static str, String)],
    body: &[u8],
    grpc_status: Option<u8>,
) -> Outcome<()> {
    const DETAILS: &str = "countersign";
    let headers = pairs(headers);
    let grpc_status = grpc_status.map_or(-1, i32::from);
    // SAFETY: every pointer goes with the length of the same slice, and all outlive the call.
    done(unsafe {
        proxy_send_local_response(
            u32::from(status),
            DETAILS.as_ptr(),
            DETAILS.len(),
            body.as_ptr(),
            body.len(),
            headers.as_ptr(),
            headers.len(),
            grpc_status,
        )
    })
}

/// The ABI's encoding of a map: count, lengths, then each name and value with a zero byte after it.
fn pairs(list: &[(&'static str, String)]) -> Vec<u8> {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
    let mut out = Vec::new();
    out.extend_from_slice(&number(list.len()));
    for (name, value) in list {
        out.extend_from_slice(&number(name.len()));
        out.extend_from_slice(&number(value.len()));
    }
    for (name, value) in list {
        out.extend_from_slice(name.as_bytes());
        out.push(0);
        out.extend_from_slice(value.as_bytes());
        out.push(0);
    }
    out
}

/// Calls the cluster; the token comes back with the answer.
///
/// Through the SDK, whose dispatcher must know the token. It panics for statuses other than ok, bad argument and internal
/// failure; the host returns two more here, for memory that is not ours and for a map that does not parse, and both the
/// memory and the map are the SDK's own.
pub(crate) fn dispatch(cluster: &str, dispatch: &Dispatch) -> Outcome<u32> {
    let headers = dispatch.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let body = (!dispatch.body.is_empty()).then_some(dispatch.body.as_slice());
    let timeout = Duration::from_millis(dispatch.timeout_ms);
    hostcalls::dispatch_http_call(cluster, headers, body, Vec::new(), timeout).map_err(|_| Refused)
}

/// A metric by its name; the same name is the same metric.
pub(crate) fn define_metric(kind: Kind, name: &str) -> Outcome<u32> {
    let mut id = 0;
    // SAFETY: pointer and length are those of `name`; the host writes four bytes to `id`.
    done(unsafe { proxy_define_metric(kind as u32, name.as_ptr(), name.len(), &raw mut id) })?;
    Ok(id)
}

/// Adds to a counter or a gauge.
pub(crate) fn increment_metric(id: u32, by: i64) -> Outcome<()> {
    // SAFETY: no pointers.
    done(unsafe { proxy_increment_metric(id, by) })
}

/// Sets a gauge, or records a value in a histogram.
pub(crate) fn record_metric(id: u32, value: u64) -> Outcome<()> {
    // SAFETY: no pointers.
    done(unsafe { proxy_record_metric(id, value) })
}

/// Fresh bytes of the host.
pub(crate) fn random() -> Outcome<[u8; 32]> {
    let mut bytes = [0; 32];
    // SAFETY: the host writes 32 bytes to `bytes`.
    done(unsafe { random_get(bytes.as_mut_ptr(), bytes.len()) })?;
    Ok(bytes)
}
