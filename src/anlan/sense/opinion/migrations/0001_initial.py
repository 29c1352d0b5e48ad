import anlan.desk.search.records
import anlan.kernel.clock
import anlan.kernel.ids
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('enterprises', '0005_merging'),
    ]

    operations = [
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('search_text', anlan.desk.search.records.SearchTextField(blank=True, default='', editable=False)),
                ('search_tokens', anlan.desk.search.records.LexemeField(editable=False, null=True)),
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('title', models.CharField(max_length=120, verbose_name='事件')),
                ('kind', models.CharField(max_length=32, verbose_name='类别')),
                ('kind_confidence', models.CharField(blank=True, choices=[('', '未推测'), ('high', '较可靠'), ('medium', '中等可靠'), ('low', '不可靠')], default='', max_length=6, verbose_name='类别推测')),
                ('place_confidence', models.CharField(blank=True, choices=[('', '未推测'), ('high', '较可靠'), ('medium', '中等可靠'), ('low', '不可靠')], default='', max_length=6, verbose_name='地点推测')),
                ('spot', models.CharField(blank=True, default='', max_length=60, verbose_name='具体地点')),
                ('enterprise_confidence', models.CharField(blank=True, choices=[('', '未推测'), ('high', '较可靠'), ('medium', '中等可靠'), ('low', '不可靠')], default='', max_length=6, verbose_name='企业推测')),
                ('casualties', models.JSONField(blank=True, default=dict, verbose_name='伤亡说法')),
                ('happened_from', models.DateTimeField(blank=True, null=True, verbose_name='所说时间起')),
                ('happened_until', models.DateTimeField(blank=True, null=True, verbose_name='所说时间止')),
                ('first_at', models.DateTimeField(verbose_name='最早发布')),
                ('last_at', models.DateTimeField(verbose_name='最近发布')),
                ('posts_count', models.PositiveIntegerField(default=0, verbose_name='帖文数')),
                ('sources_count', models.PositiveIntegerField(default=0, verbose_name='来源数')),
                ('denials_count', models.PositiveIntegerField(default=0, verbose_name='否认的帖文')),
                ('forwards', models.PositiveIntegerField(default=0, verbose_name='转发数')),
                ('heat', models.PositiveIntegerField(default=0, verbose_name='热度')),
                ('exercise', models.BooleanField(default=False, verbose_name='演练')),
                ('verdict', models.CharField(blank=True, choices=[('', '未核查'), ('pending', '待核实'), ('true', '属实'), ('false', '不实（谣言）'), ('partly', '部分属实')], default='', max_length=10, verbose_name='核查结论')),
                ('verdict_at', models.DateTimeField(blank=True, null=True, verbose_name='核查时间')),
                ('verdict_by_name', models.CharField(blank=True, default='', max_length=100, verbose_name='核查人')),
                ('verdict_grounds', models.TextField(blank=True, default='', verbose_name='依据')),
                ('links_count', models.PositiveIntegerField(default=0, verbose_name='已关联')),
                ('settled', models.JSONField(blank=True, default=dict, editable=False)),
                ('told', models.JSONField(blank=True, default=dict, editable=False)),
                ('hints', models.PositiveIntegerField(default=0, verbose_name='提示次数')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise', verbose_name='提到的企业')),
                ('merged_into', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='opinion.topic', verbose_name='并入')),
            ],
            options={
                'verbose_name': '舆情事件',
                'verbose_name_plural': '舆情事件',
                'ordering': ['-last_at', '-id'],
                'indexes': [models.Index(fields=['place_code'], include=('id', 'classification', 'last_at', 'first_at', 'heat', 'posts_count', 'forwards', 'kind', 'verdict', 'links_count', 'exercise'), name='optopic_list', opclasses=['text_pattern_ops']), models.Index(fields=['last_at', 'id'], name='optopic_last_at_s0'), models.Index(django.db.models.functions.text.Left('place_code', 2), models.F('last_at'), models.F('id'), name='optopic_last_at_s2'), models.Index(django.db.models.functions.text.Left('place_code', 4), models.F('last_at'), models.F('id'), name='optopic_last_at_s4'), models.Index(fields=['heat', 'id'], name='optopic_heat_s0'), models.Index(django.db.models.functions.text.Left('place_code', 2), models.F('heat'), models.F('id'), name='optopic_heat_s2'), models.Index(django.db.models.functions.text.Left('place_code', 4), models.F('heat'), models.F('id'), name='optopic_heat_s4'), models.Index(fields=['verdict_at', 'id'], name='optopic_verdict_at_s0'), models.Index(django.db.models.functions.text.Left('place_code', 2), models.F('verdict_at'), models.F('id'), name='optopic_verdict_at_s2'), models.Index(django.db.models.functions.text.Left('place_code', 4), models.F('verdict_at'), models.F('id'), name='optopic_verdict_at_s4'), django.contrib.postgres.indexes.GinIndex(fields=['search_tokens'], name='opinion_top_search__fa4349_gin')],
            },
        ),
        migrations.CreateModel(
            name='Post',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('place_code', models.CharField(max_length=9, verbose_name='行政区划')),
                ('classification', models.PositiveSmallIntegerField(choices=[(0, '公开'), (1, '内部'), (2, '敏感')], default=1, verbose_name='信息类别')),
                ('created_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='登记时间')),
                ('updated_at', models.DateTimeField(default=anlan.kernel.clock.now, editable=False, verbose_name='更新时间')),
                ('version', models.PositiveIntegerField(default=1, editable=False)),
                ('platform', models.CharField(max_length=40, verbose_name='平台')),
                ('source_id', models.CharField(blank=True, default='', max_length=120, verbose_name='平台编号')),
                ('url', models.CharField(blank=True, default='', max_length=1000, verbose_name='原文地址')),
                ('account', models.CharField(blank=True, default='', max_length=100, verbose_name='账号')),
                ('author_type', models.CharField(choices=[('official', '政务账号'), ('media', '新闻媒体'), ('company', '企业'), ('person', '个人'), ('unknown', '不详')], default='unknown', max_length=10, verbose_name='账号类型')),
                ('source_place', models.CharField(blank=True, default='', max_length=9, verbose_name='发布者所在地')),
                ('published_at', models.DateTimeField(verbose_name='发布时间')),
                ('fetched_at', models.DateTimeField(verbose_name='采集时间')),
                ('title', models.CharField(blank=True, default='', max_length=200, verbose_name='标题')),
                ('text', models.TextField(blank=True, default='', verbose_name='正文')),
                ('forwards', models.PositiveIntegerField(blank=True, null=True, verbose_name='转发数')),
                ('likes', models.PositiveIntegerField(blank=True, null=True, verbose_name='点赞数')),
                ('comments', models.PositiveIntegerField(blank=True, null=True, verbose_name='评论数')),
                ('media', models.JSONField(blank=True, default=list, verbose_name='媒体地址')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('via', models.CharField(blank=True, default='', max_length=60, verbose_name='来路')),
                ('brought_by', models.CharField(blank=True, default='', max_length=100, verbose_name='导入人')),
                ('reading', models.JSONField(blank=True, default=dict, editable=False)),
                ('kind', models.CharField(blank=True, default='', max_length=32, verbose_name='类别')),
                ('stance', models.CharField(blank=True, choices=[('', '未提到事件'), ('told', '说到'), ('unsure', '存疑地说到'), ('denied', '否认（辟谣）'), ('negated', '说没有'), ('exercise', '演练'), ('past', '往事'), ('might', '提醒或假设')], default='', max_length=10, verbose_name='说法')),
                ('kind_confidence', models.CharField(blank=True, choices=[('', '未推测'), ('high', '较可靠'), ('medium', '中等可靠'), ('low', '不可靠')], default='', max_length=6, verbose_name='类别推测')),
                ('place_confidence', models.CharField(blank=True, choices=[('', '未推测'), ('high', '较可靠'), ('medium', '中等可靠'), ('low', '不可靠')], default='', max_length=6, verbose_name='地点推测')),
                ('told', models.JSONField(blank=True, default=dict, editable=False)),
                ('happened_from', models.DateTimeField(blank=True, editable=False, null=True)),
                ('happened_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('signature', models.BinaryField(blank=True, default=bytes)),
                ('by_person', models.BooleanField(default=False, verbose_name='由人归入')),
                ('placed', models.JSONField(blank=True, default=list, editable=False)),
                ('erased_at', models.DateTimeField(blank=True, null=True, verbose_name='内容删除时间')),
                ('erased_why', models.CharField(blank=True, default='', max_length=200, verbose_name='删除原因')),
                ('enterprise', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='enterprises.enterprise', verbose_name='提到的企业')),
                ('topic', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='posts', to='opinion.topic', verbose_name='舆情事件')),
            ],
            options={
                'verbose_name': '帖文',
                'verbose_name_plural': '帖文',
                'ordering': ['-published_at', '-id'],
                'indexes': [models.Index(fields=['place_code'], include=('id', 'classification', 'published_at', 'platform', 'kind', 'stance', 'topic_id', 'author_type'), name='oppost_list', opclasses=['text_pattern_ops']), models.Index(fields=['published_at', 'id'], name='oppost_published_at_s0'), models.Index(django.db.models.functions.text.Left('place_code', 2), models.F('published_at'), models.F('id'), name='oppost_published_at_s2'), models.Index(django.db.models.functions.text.Left('place_code', 4), models.F('published_at'), models.F('id'), name='oppost_published_at_s4'), models.Index(fields=['topic', '-published_at'], name='opinion_post_topic'), models.Index(condition=models.Q(('erased_at', None)), fields=['published_at'], name='opinion_post_kept')],
            },
        ),
        migrations.CreateModel(
            name='Arrangement',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(choices=[('move', '移动帖文'), ('split', '拆分事件'), ('merge', '合并事件')], max_length=8)),
                ('moves', models.JSONField(default=list)),
                ('reason', models.CharField(blank=True, default='', max_length=200)),
                ('by_name', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('undone_at', models.DateTimeField(null=True)),
                ('undone_by', models.CharField(blank=True, default='', max_length=100)),
                ('source', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='given', to='opinion.topic')),
                ('target', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='taken', to='opinion.topic')),
            ],
            options={
                'verbose_name': '舆情归并',
                'ordering': ['-at', '-id'],
            },
        ),
        migrations.CreateModel(
            name='Rumour',
            fields=[
            ],
            options={
                'verbose_name': '传言核查',
                'verbose_name_plural': '传言核查',
                'proxy': True,
                'indexes': [],
                'constraints': [],
            },
            bases=('opinion.topic',),
        ),
        migrations.CreateModel(
            name='TopicLink',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('kind', models.CharField(max_length=12)),
                ('subject_id', models.UUIDField(db_index=True)),
                ('title', models.CharField(max_length=120)),
                ('url', models.CharField(blank=True, default='', max_length=200)),
                ('state', models.CharField(choices=[('linked', '已关联'), ('rejected', '不是同一件事')], max_length=10)),
                ('by_name', models.CharField(max_length=100)),
                ('at', models.DateTimeField()),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='opinion.topic')),
            ],
            options={
                'verbose_name': '舆情关联',
                'ordering': ['-at', '-id'],
                'constraints': [models.UniqueConstraint(fields=('topic', 'kind', 'subject_id'), name='opinion_link_once')],
            },
        ),
        migrations.CreateModel(
            name='Verdict',
            fields=[
                ('id', models.UUIDField(default=anlan.kernel.ids.new_id, editable=False, primary_key=True, serialize=False)),
                ('verdict', models.CharField(choices=[('pending', '待核实'), ('true', '属实'), ('false', '不实（谣言）'), ('partly', '部分属实')], max_length=10, verbose_name='核查结论')),
                ('grounds', models.TextField(verbose_name='依据')),
                ('evidence', models.TextField(blank=True, default='', verbose_name='证据')),
                ('reply', models.TextField(blank=True, default='', verbose_name='官方回应')),
                ('correction_url', models.CharField(blank=True, default='', max_length=1000, verbose_name='辟谣或通报地址')),
                ('by_id', models.UUIDField()),
                ('by_name', models.CharField(max_length=100, verbose_name='核查人')),
                ('at', models.DateTimeField(verbose_name='核查时间')),
                ('topic', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='verdicts', to='opinion.topic')),
            ],
            options={
                'verbose_name': '核查结论',
                'ordering': ['-at', '-id'],
            },
        ),
    ]
