//! The pictures in the docs, taken anew by
//! `cargo test -p countersign-server --test people -- --ignored pictures`. Look at each before it is committed.

use std::{collections::HashMap, path::Path};

use super::{
    driver::{Driver, LOOKS, Scripts, log_in, wait},
    seed::seeded,
};

/// The pages whose pictures are kept.
const KEPT: [&str; 8] = ["list", "detail", "detail-code", "alike", "decided", "agent", "rule", "settings"];

/// The same picture in 200 colours: half of the bytes, and nobody sees it.
fn small(picture: &[u8]) -> Vec<u8> {
    let mut reader = png::Decoder::new(std::io::Cursor::new(picture)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let channels = info.color_type.samples();
    let rgba: Vec<u8> =
        pixels.chunks_exact(channels).flat_map(|pixel| [pixel[0], pixel[1], pixel[2], 255]).collect();
    let palette = color_quant::NeuQuant::new(4, 200, &rgba);
    let mut known = HashMap::new();
    let place = |pixel: &[u8]| {
        *known
            .entry([pixel[0], pixel[1], pixel[2]])
            .or_insert_with(|| u8::try_from(palette.index_of(pixel)).unwrap())
    };
    let places: Vec<u8> = rgba.chunks_exact(4).map(place).collect();
    let mut out = Vec::new();
    let mut encoder = png::Encoder::new(&mut out, info.width, info.height);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette.color_map_rgb());
    encoder.set_compression(png::Compression::High);
    encoder.write_header().unwrap().write_image_data(&places).unwrap();
    out
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "writes the pictures of the docs"]
async fn pictures_of_the_main_pages() {
    let Some(driver) = Driver::start() else { return };
    let seeded = seeded().await;
    let base = format!("http://{}", seeded.inbox.listening().await);
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    let all = std::env::var_os("ALL_PICTURES").map(std::path::PathBuf::from);
    let folder = all.as_deref().unwrap_or(&docs);
    std::fs::create_dir_all(folder).unwrap();
    let browser = driver.browser(Scripts::On).await;
    log_in(&browser, &base).await;
    for look in LOOKS {
        look.set(&browser).await;
        for (name, path) in seeded.pages() {
            if all.is_none() && !KEPT.contains(&name) {
                continue;
            }
            browser.goto(&format!("{base}{path}")).await.unwrap();
            wait(&browser, "html.scripted").await;
            browser
                .execute_async("document.fonts.ready.then(() => arguments[0]());", Vec::new())
                .await
                .unwrap();
            let file = folder.join(format!("{name}-{}-{}.png", look.scheme, look.width));
            std::fs::write(file, small(&browser.screenshot().await.unwrap())).unwrap();
        }
    }
    browser.close().await.unwrap();
}
